/** Largest configuration text, in UTF-16 units. */
export const TEXT_LIMIT = 256 * 1024
