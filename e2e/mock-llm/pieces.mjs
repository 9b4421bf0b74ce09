import { BY_WORDS } from './plan.mjs';

/** Text in pieces of a size, or by words. @param {string} text @param {number} size */
export function pieces(text, size) {
  if (size === BY_WORDS) return text.match(/\S+\s*/g) ?? [];
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

const TYPES = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
const MESSAGES = {
  401: 'invalid api key (scripted)',
  402: 'payment required (scripted)',
  403: 'permission denied (scripted)',
  429: 'rate limit exceeded (scripted)',
  500: 'internal error (scripted)',
  529: 'overloaded (scripted)',
};

/** The type and words of an error where the script gives none. @param {import('./plan.mjs').Fail} fail */
export const errorWords = ({ status, type, message }) => ({
  type: type || TYPES[status] || 'api_error',
  message: message || MESSAGES[status] || `scripted error ${status}`,
});
