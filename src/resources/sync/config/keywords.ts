import type { Keyword } from '../../../spec/keyword.js'

/** The implicit `sync#i0`: the replication of the service's configuration. Nothing to configure. */
export const keywords: readonly Keyword[] = []
