import type { Edition } from './contents.js'
import { installedPackages } from './modules.js'

/** `/usr/share/doc/longshore/copyright`, in Debian's machine-readable format 1.0. */
export function copyrightText(source: string): string {
  const bundled = installedPackages(source).map(
    ({ path, name, version, license, files }) => `Files: usr/lib/longshore/${path}/*
Copyright: the authors of ${name} ${version}
License: ${license}
 ${licenceOf(files, path)}`,
  )
  return [
    `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: longshore

Files: *
Copyright: the authors of Longshore
License: Apache-2.0
 On Debian systems the text of this licence is in
 /usr/share/common-licenses/Apache-2.0.`,
    ...bundled,
    '',
  ].join('\n\n')
}

function licenceOf(files: readonly string[], path: string): string {
  const file = files.find((each) => /^(licen[cs]e|copying)/i.test(each))
  return file === undefined
    ? 'As its package.json says.'
    : `The text is in /usr/lib/longshore/${path}/${file}.`
}

/** Debian's changelog: what changed for operators is in NEWS.gz beside it. */
export function changelogText({ version, seconds }: Edition): string {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')
  return `longshore (${version}) bookworm; urgency=medium

  * What changed is in /usr/share/doc/longshore/NEWS.gz.

 -- Longshore maintainers <maintainers@longshore.invalid>  ${date}
`
}
