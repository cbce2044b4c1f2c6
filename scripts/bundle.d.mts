/** Bundles a program, JavaScript or TypeScript, into a folder; packages are imported as before. */
export const bundle: (entry: string, folder: string) => void
