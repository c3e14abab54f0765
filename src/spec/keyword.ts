import type { Group } from '../core/service.js'

/** How a keyword's text becomes a value. Durations become milliseconds, sizes bytes. */
export type KeywordType =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'duration'
  | 'size'
  /** Bytes, or LVM's `100%FREE`, `50%VG`. */
  | 'size or percentage'
  | 'list'
  /** Shell words. */
  | 'words'
  /** Octal file permissions. */
  | 'mode'
  | 'nodes'
  /** A boolean, or the nodes on which it is true. Its value is a boolean. */
  | 'boolean or nodes'

/**
 * One entry of the configuration schema. Validation, `om help`, the reference page and the editors' JSON schema all come from these.
 */
export interface Keyword {
  readonly name: string
  readonly type: KeywordType
  readonly help: string
  /** As it would be written in the configuration. Absent: null. */
  readonly default?: string
  readonly required?: boolean
  /** May carry `@node`. */
  readonly scopable?: boolean
  readonly candidates?: readonly string[]
  /** A regular expression that the whole text must match, and what it asks for: completes "must be …". */
  readonly pattern?: { readonly match: string; readonly expects: string }
  /** Smallest value, as it would be written. */
  readonly minimum?: string
  readonly example?: string
  /** A second spelling that is accepted. */
  readonly alias?: readonly string[]
  /** Looked up in DEFAULT where the section has none. */
  readonly inherited?: boolean
}

/** Keywords of one kind of section: `DEFAULT`, `fs.xfs`, `subset`, `cluster`, … */
export interface SectionSchema {
  readonly section: string
  readonly group?: Group
  readonly type?: string
  readonly help: string
  readonly keywords: readonly Keyword[]
}
