import type { Keyword } from '../../../spec/keyword.js'

/** A flag is a file in memory under the run directory: nothing to configure. */
export const keywords: readonly Keyword[] = []
