// Loaded before a process of the stack: its clock is off by what the file in TEST_CLOCK_FILE says. Milliseconds.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const file = process.env['TEST_CLOCK_FILE'];
let offsetMs = 0;

function read() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0;
  }
}

class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offsetMs;
  }
}

if (file !== undefined) {
  read();
  setInterval(read, 50).unref();
  globalThis.Date = ShiftedDate;
}
