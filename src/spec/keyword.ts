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
  | 'mode'
  | 'nodes'

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
