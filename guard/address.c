// Addresses of this network namespace, and of those that a service's processes have.
#define _GNU_SOURCE
#include "guard.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct address {
  int family;
  int size;
  unsigned char bytes[16];
};

static bool parse_address(const char *text, struct address *to) {
  to->family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
  to->size = to->family == AF_INET ? 4 : 16;
  return inet_pton(to->family, text, to->bytes) == 1;
}

static const unsigned char *bytes_of(const struct sockaddr *of) {
  if (of->sa_family == AF_INET) return (const unsigned char *)&((const struct sockaddr_in *)of)->sin_addr;
  return (const unsigned char *)&((const struct sockaddr_in6 *)of)->sin6_addr;
}

/** rtnetlink(7): RTM_DELADDR, acknowledged. */
static bool remove_address(const struct address *address, int prefix, unsigned index) {
  struct {
    struct nlmsghdr head;
    struct ifaddrmsg what;
    struct rtattr local;
    unsigned char bytes[16];
  } ask = {0};
  ask.head.nlmsg_len = (unsigned)(NLMSG_LENGTH(sizeof ask.what) + RTA_LENGTH(address->size));
  ask.head.nlmsg_type = RTM_DELADDR;
  ask.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  ask.what.ifa_family = (unsigned char)address->family;
  ask.what.ifa_prefixlen = (unsigned char)prefix;
  ask.what.ifa_index = index;
  ask.local.rta_type = IFA_LOCAL;
  ask.local.rta_len = (unsigned short)RTA_LENGTH(address->size);
  memcpy(ask.bytes, address->bytes, (size_t)address->size);
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char rest[512];
  } answer = {0};
  int channel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (channel < 0) return false;
  bool told = send(channel, &ask, ask.head.nlmsg_len, 0) > 0 && recv(channel, &answer, sizeof answer, 0) > 0;
  close(channel);
  return told && answer.head.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
}

static int prefix_of(const struct sockaddr *mask, int size) {
  int bits = 0;
  for (int i = 0; mask != NULL && i < size; i += 1) bits += __builtin_popcount(bytes_of(mask)[i]);
  return bits;
}

/** An address with a label has that for a name: `eth0:db1`. */
static unsigned index_of(const struct ifaddrs *one) {
  char name[IF_NAMESIZE] = {0};
  strncpy(name, one->ifa_name, sizeof name - 1);
  name[strcspn(name, ":")] = '\0';
  return if_nametoindex(name);
}

/** Takes it from one interface, or, where the index is 0, from any. */
static bool taken_from(unsigned index, const struct address *wanted) {
  struct ifaddrs *all;
  if (getifaddrs(&all) != 0) return false;
  bool gone = true;
  for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
    if (one->ifa_addr == NULL || one->ifa_addr->sa_family != wanted->family) continue;
    if (memcmp(bytes_of(one->ifa_addr), wanted->bytes, (size_t)wanted->size) != 0) continue;
    unsigned has = index_of(one);
    if (index != 0 && has != index) continue;
    if (one->ifa_netmask != NULL) one->ifa_netmask->sa_family = one->ifa_addr->sa_family;
    gone = remove_address(wanted, prefix_of(one->ifa_netmask, wanted->size), has) && gone;
  }
  freeifaddrs(all);
  return gone;
}

bool no_address(const char *device, const char *ip) {
  struct address wanted;
  if (!parse_address(ip, &wanted)) return false;
  unsigned index = if_nametoindex(device);
  return index == 0 || taken_from(index, &wanted);
}

struct inside {
  struct address wanted;
  int home;
  struct stat home_is;
  bool gone;
};

static void leave_inside(int pid, void *of) {
  struct inside *in = of;
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
  struct stat there;
  int door = open(path, O_RDONLY | O_CLOEXEC);
  // It ended meanwhile, or shares the node's own.
  bool enters = door >= 0 && fstat(door, &there) == 0 && there.st_ino != in->home_is.st_ino;
  if (enters && setns(door, CLONE_NEWNET) == 0) {
    in->gone = taken_from(0, &in->wanted) && in->gone;
    if (setns(in->home, CLONE_NEWNET) != 0) _exit(1);
  }
  if (door >= 0) close(door);
}

bool no_address_inside(const char *entry, const char *ip) {
  struct inside in = {.gone = true};
  if (!parse_address(ip, &in.wanted)) return false;
  in.home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  bool looked = in.home >= 0 && fstat(in.home, &in.home_is) == 0 && each_process(entry, leave_inside, &in);
  if (in.home >= 0) close(in.home);
  return looked && in.gone;
}
