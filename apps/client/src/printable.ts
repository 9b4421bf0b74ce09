// Names, labels and messages are what a tenant or a model wrote: a terminal would act on control characters in them.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
const CONTROLS_BUT_LAYOUT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text of others for one line: what a terminal would act on is shown as `�`. */
export function printable(text: string): string {
  return text.replace(CONTROLS, '\ufffd');
}

/** The same for text of several lines: their ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS_BUT_LAYOUT, '\ufffd');
}
