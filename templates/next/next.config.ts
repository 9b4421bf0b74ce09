import type { NextConfig } from 'next';

// The host names of previews: the development server answers no other but its own.
const domain = process.env['SANDBOXED_PREVIEW_DOMAIN'] ?? 'localhost';

const config: NextConfig = {
  allowedDevOrigins: [`*.preview.${domain}`],
};

export default config;
