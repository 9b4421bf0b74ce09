export * from './create-driver.ts';
export * from './driver.ts';
