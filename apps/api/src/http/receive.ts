import type { RequestHandler } from 'express';
import express from 'express';
import { MAX_BODY_BYTES } from './body.ts';

/** A small body has to be here in this time, whole. */
const BODY_MS = 30_000;
/** What is left of a body after the answer is thrown away for so long, so that the client gets to read it. */
const DRAIN_MS = 5_000;

/** Takes the rest of a body that nobody wanted, and cuts the connection when it does not end. */
export const drain: RequestHandler = (request, response, next) => {
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.destroy(), DRAIN_MS).unref();
    request.once('end', () => {
      clearTimeout(timer);
    });
    request.resume();
  });
  next();
};

const withinTime: RequestHandler = (request, _response, next) => {
  const { 'content-length': length, 'transfer-encoding': coding } =
    request.headers;
  if (coding !== undefined || Number(length ?? 0) > 0) {
    const timer = setTimeout(() => request.destroy(), BODY_MS);
    for (const event of ['end', 'close'])
      request.once(event, () => {
        clearTimeout(timer);
      });
  }
  next();
};

/** Reads a small body whole, before its handler. The server itself bounds no body in time: streamed ones take as long as they go on. */
export const readWhole: readonly RequestHandler[] = [
  withinTime,
  express.raw({ type: () => true, limit: MAX_BODY_BYTES }),
];
