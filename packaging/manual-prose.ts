import { definition, heading, paragraph, verbatim, type Draft } from './roff.js'

/** omd(8). */
export const omdPage: Draft = {
  name: 'omd',
  section: 8,
  summary: 'the Longshore high-availability agent',
  body: [
    heading('SYNOPSIS'),
    paragraph('omd [--witness NAME]'),
    heading('DESCRIPTION'),
    paragraph(
      'omd starts, stops, watches and relocates the services of this node, together with the omd of every other node of its cluster. It runs in front and writes what it does to standard output; longshore.service starts it at boot. Services stay as they are when it is stopped or started again.',
    ),
    paragraph(
      'With cluster.quorum a small process beside it, the guard, ends what this node runs when its lease is over, also where omd hangs or was killed.',
    ),
    heading('OPTIONS'),
    definition(
      '--witness NAME',
      'Vote in the cluster NAME and run nothing: a third voter for two nodes. Its files are below witness/NAME of those of a node. longshore-witness@NAME.service starts it.',
    ),
    heading('SIGNALS'),
    definition('SIGTERM, SIGINT', 'Tell the other nodes, then end; services stay up.'),
    heading('SYSTEMD'),
    paragraph(
      'omd tells systemd when it is ready, and feeds its watchdog (WatchdogSec) from the loop that sends heartbeats: one that hangs is killed and begun anew, and services stay as they are. When the machine goes down, longshore-shutdown.service moves what this node runs to other nodes, and stops what no other node takes.',
    ),
    heading('ENVIRONMENT'),
    paragraph('Of the services, in /etc/default/longshore.'),
    definition('LONGSHORE_LOG_LEVEL', 'debug says more on standard output'),
    definition('LONGSHORE_LOG_FORMAT', 'json writes a JSON object a line'),
    definition(
      'LONGSHORE_SHUTDOWN_TIME',
      'how long a shutdown of the machine may take to move services (5m)',
    ),
    definition('LONGSHORE_ROOT', 'prefix of all paths'),
    heading('FILES'),
    definition('/etc/longshore/cluster.yaml, /etc/longshore/services.d/', 'configurations'),
    definition('/var/lib/longshore/', 'store, log, certificates'),
    definition('/run/longshore/', 'socket of the API, and what does not outlive a boot'),
    definition('TCP 1215', 'peers, mutual TLS only'),
    definition('UDP 1215', 'heartbeats, where the cluster has an hb#NAME of type unicast or multicast'),
    heading('SEE ALSO'),
    paragraph('om(1), svcmon(1), longshore(5), longshore(7), systemd.service(5)'),
  ],
}

/** longshore(7). */
export const overviewPage: Draft = {
  name: 'longshore',
  section: 7,
  summary: 'services that live on one machine at a time',
  body: [
    heading('DESCRIPTION'),
    paragraph(
      'On each node of a cluster omd(8) starts, stops, watches and relocates services: a volume group, a logical volume, a file system, an address in a network namespace, containers, processes, in order. A node starts a service only when every other member has answered its claim, or there is evidence that a silent one does not run it.',
    ),
    heading('A CLUSTER'),
    paragraph('On the first node, then on each other one with a token of its own:'),
    verbatim('om cluster init NAME\nom cluster token\nom cluster join TOKEN'),
    paragraph(
      'om cluster check says how far the cluster is protected, om node check what is missing on a node.',
    ),
    heading('A SERVICE'),
    verbatim('om db1 deploy --config db1.yaml\nom db1 switch\nom db1 set --kw orchestrate=ha\nsvcmon'),
    paragraph('Examples are in /usr/share/doc/longshore/examples.'),
    heading('A NODE THAT GOES'),
    paragraph(
      'om node drain moves its services away and keeps new ones from it; om cluster leave ends its membership. A shutdown or reboot by systemd moves services away by itself, within LONGSHORE_SHUTDOWN_TIME. systemctl restart longshore leaves services as they are, and so does an upgrade of the package. Removing the package moves services away first, and is refused where that cannot be done.',
    ),
    heading('SEE ALSO'),
    paragraph('om(1), svcmon(1), longshore(5), omd(8), /usr/share/doc/longshore/'),
  ],
}
