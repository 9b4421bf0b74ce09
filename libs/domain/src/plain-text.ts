import { z } from 'zod';

/**
 * Text for people of `min` to `max` characters, none of them a control character. By ranges and not by their class, which those who read
 * the OpenAPI document as JSON Schema do not all know.
 */
export function plainText(max: number, min = 1) {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(
      /^[^\u0000-\u001f\u007f-\u009f]*$/u,
      'must not hold control characters',
    );
}
