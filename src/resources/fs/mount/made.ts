import type { Context, DoStep } from '../../driver.js'
import { signaturesOf } from '../../kit/signatures.js'

// A note in the state directory tells which file system a provision on this node made: unprovisioning wipes that one and no other.

const notePath = (ctx: Context): string => `${ctx.varDir}/made/${ctx.service.name}/${ctx.resource.rid}`

/** UUID of the file system made here; null where none was. */
export async function madeHere(ctx: Context): Promise<string | null> {
  const note = await ctx.io.files.read(notePath(ctx))
  return note.ok ? note.value.trim() : null
}

export const noteMade = (ctx: Context, device: string): DoStep => ({
  kind: 'do',
  text: `note that the file system on ${device} was made here`,
  async run(act) {
    const signatures = await signaturesOf(act.look(), device)
    if (!signatures.ok) return signatures
    const directory = await act.io.files.makeDirectory(`${ctx.varDir}/made/${ctx.service.name}`)
    if (!directory.ok) return directory
    return act.io.files.write(notePath(ctx), `${signatures.value[0]?.uuid ?? ''}\n`)
  },
})

export const forgetMade = (ctx: Context, device: string): DoStep => ({
  kind: 'do',
  text: `forget that the file system on ${device} was made here`,
  run: (act) => act.io.files.remove(notePath(ctx)),
})
