// The demo's story, in the order of the tutorial.
import type { Lab, ProbeReport } from '../lab/index.js'
import { logOn } from '../scenarios/postgres.js'
import { ADDRESS, RELOCATABLE } from '../scenarios/tutorial.js'
import type { Stage } from './stage.js'

const WATCH = 'svcmon -w -s db1 --sections services'

/** Plays it all; the summary for the end. */
export async function play(stage: Stage, lab: Lab, disk: string): Promise<string> {
  await meet(stage)
  await untouched(stage)
  await deploy(stage, disk)
  await write(stage)
  const switched = await relocate(stage, lab)
  const crashed = await crash(stage, lab)
  return summary(switched, crashed)
}

async function meet(stage: Stage): Promise<void> {
  stage.title('One cluster, no services')
  const said = await stage.done(1, 'svcmon')
  stage.contains('svcmon shows both nodes', said, ['node1', 'node2', 'beating'])
}

async function untouched(stage: Stage): Promise<void> {
  stage.title('The tutorial, untouched: volume group, logical volume, ipvlan')
  stage.say(
    `This machine's kernel has neither device-mapper nor ipvlan. So its service is read and planned, and not started.`,
  )
  const file = '/opt/longshore/services.d/tutorial.json'
  await stage.done(1, `om tutorial create --config=- < ${file}`)
  await stage.done(1, 'om tutorial validate config')
  const plan = await stage.type(1, 'om tutorial start --dry-run')
  stage.contains('the plan is complete, and says what is in the way', plan.stdout, [
    'vgchange --addtag @node1',
    'lvchange -a y tutorial/data',
    'mount -t xfs /dev/tutorial/data /srv/tutorial/data',
    'type ipvlan mode l2',
    'docker run --name=tutorial.container.1 -v /srv/tutorial/data/postgresql:/var/lib/postgresql:rw --user=999:999',
    'no device-mapper',
    'no ipvlan',
  ])
  await stage.done(1, 'om tutorial delete --wait')
  const refused = await stage.type(1, `om db1 deploy --config=- < ${file}`)
  stage.expect('the deploy is refused', refused.exit, 1)
  const [sentence = ''] = refused.stderr.split('\n')
  stage.contains('one sentence names what the kernel lacks', sentence, ['device-mapper', 'ipvlan'])
  const after = await stage.done(1, 'svcmon --sections services')
  stage.contains('nothing was made', after, ['none'])
}

async function deploy(stage: Stage, disk: string): Promise<void> {
  stage.title('Create the service')
  stage.say(
    'The same without the volume group: xfs on the shared disk itself, and macvlan instead of ipvlan.',
  )
  await stage.done(1, `om db1 deploy --config=- --env dev=${disk} --wait <<EOF\n${RELOCATABLE}EOF`)
  await stage.upOn('db1', 1)
  const row = await stage.done(1, 'svcmon -s db1 --sections services')
  stage.contains('svcmon shows it up on the first node', row.replaceAll(/ +/g, ' '), [
    'db1 up failover | O^ X',
  ])
  await stage.done(1, 'ln -s "$(command -v om)" /usr/local/bin/db1')
  const tree = await stage.done(1, 'db1 print status')
  stage.contains('every resource is up', tree.replaceAll(/ +/g, ' '), [
    '|- node2 down idle',
    '`- node1 up idle, started',
    `ip#0 ........ up netns macvlan ${ADDRESS}/24 bond0@container#0`,
    `fs#1 ........ up xfs ${disk}@/srv/db1/data`,
    'container#0 ........ up docker container db1.container.0@google/pause',
    'container#1 ........ up docker container db1.container.1@postgres',
    'sync#i0 ...O./.. up rsync svc config to nodes',
  ])
}

async function write(stage: Stage): Promise<void> {
  stage.title('Rows, written by a client outside of the nodes')
  const sql = 'create table voyage as select n, md5(n::text) as name from generate_series(1, 1000) n'
  stage.expect('rows are written', await stage.sql(sql), 'SELECT 1000')
}

const COUNT = 'select count(*), md5(string_agg(name, chr(32) order by n)) from voyage'

async function relocate(stage: Stage, lab: Lab): Promise<ProbeReport> {
  stage.title('Relocate the service')
  const before = await stage.sql(COUNT)
  const since = sinceNow()
  const probe = await lab.probe(logOn())
  const said = await stage.done(1, 'om db1 switch --no-wait')
  stage.contains('the switch is under way', said, ['service db1 target state set to placed@node2'])
  await stage.watch(1, WATCH, () => stage.upOn('db1', 2, 1))
  const after = await stage.sql(COUNT)
  const report = await probe.stop()
  stage.expect('the rows came along', after, before)
  stage.expect(
    'it answers again',
    report.outages.every(({ open }) => open !== true),
    true,
  )
  const row = await stage.done(1, 'svcmon -s db1 --sections services')
  stage.contains('svcmon shows it up on the second node', row.replaceAll(/ +/g, ' '), [
    'db1 up^ failover | X^ O',
  ])
  await readSwitchLogs(stage, since())
  return report
}

/** Seconds since now, as an operator would write them, with one to spare. */
function sinceNow(): () => string {
  const beganMs = performance.now()
  return () => `${Math.ceil((performance.now() - beganMs) / 1000) + 1}s`
}

async function readSwitchLogs(stage: Stage, since: string): Promise<void> {
  stage.title('Switch logs')
  const log = await stage.done(1, `om db1 logs --since ${since}`)
  const order = [
    'service db1 target state set to placed@node2',
    'stop failover up instance to satisfy the placed@node2 target',
    'do stop --local (daemon origin)',
    'umount /srv/db1/data',
    'start failover',
    'do start --local (daemon origin)',
    'mount -t xfs',
    `ip addr add ${ADDRESS}/24 dev eth0`,
    'docker run --name=db1.container.1',
    'service db1 target state placed@node2 met',
  ]
  stage.contains('both nodes tell what they did', log, order)
  const found = order.map((words) => log.lastIndexOf(words))
  stage.expect(
    'in the order of time',
    found,
    found.toSorted((a, b) => a - b),
  )
}

async function crash(stage: Stage, lab: Lab): Promise<ProbeReport> {
  stage.title('Activate automatic failover, then crash the active node')
  await stage.done(1, 'om db1 set --kw orchestrate=ha')
  await stage.sql(`insert into voyage values (1001, 'the last one before the crash')`)
  const before = await stage.sql(COUNT)
  const probe = await lab.probe(logOn())
  stage.say('node2 loses its power. From here on, nobody does anything but watch.')
  const since = sinceNow()
  await lab.node(2).crash()
  await stage.watch(1, WATCH, () => stage.upOn('db1', 1))
  stage.expect('every row is there', await stage.sql(COUNT), before)
  const report = await probe.stop()
  stage.expect(
    'it answers again',
    report.outages.every(({ open }) => open !== true),
    true,
  )
  const log = await stage.done(1, `om db1 logs --since ${since()}`)
  stage.contains('the log says why node1 may start it', log, ['node2', 'start failover', 'mount -t xfs'])
  const tree = await stage.done(1, 'db1 print status')
  stage.contains('it is up on the node that is left', tree.replaceAll(/ +/g, ' '), [
    '|- node2 undef unreachable',
    '`- node1 up idle, started',
  ])
  return report
}

function summary(switched: ProbeReport, crashed: ProbeReport): string {
  return [
    '\nWhat a client saw that logged on to PostgreSQL again and again:',
    `  switch from node1 to node2   ${outagesOf(switched)}`,
    `  crash of node2               ${outagesOf(crashed)}`,
    '',
  ].join('\n')
}

/** The outage, and what else was late: on a busy machine a try may wait longer than it is given. */
function outagesOf({ outages }: ProbeReport): string {
  const [longest, ...others] = outages.map(({ ms }) => ms).toSorted((a, b) => b - a)
  if (longest === undefined) return 'answered all the time'
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  const late =
    others.length === 0 ? '' : `, and ${others.length} times for at most ${seconds(others[0] ?? 0)}`
  return `no answer for ${seconds(longest)}${late}`
}
