// owners INTERFACE ADDRESS MILLISECONDS: asks by ARP, again and again and everybody, who has an address, and prints the MAC of each that answers; `late` and
// milliseconds where it did not come to ask for longer than that.
// It asks as a host without an address: nobody learns anything from that. The interface must not be one that clients use, whose kernel does not
// change its mind about a neighbour while it is answered more than once a second.
#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void print_answer(const struct ether_arp *said, in_addr_t wanted) {
  if (ntohs(said->ea_hdr.ar_op) != ARPOP_REPLY || memcmp(said->arp_spa, &wanted, 4) != 0) return;
  const unsigned char *mac = said->arp_sha;
  printf("%02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  fflush(stdout);
}

int main(int count, char *words[]) {
  if (count != 4) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  in_addr_t wanted = inet_addr(words[2]);
  int every_ms = atoi(words[3]), door = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP));
  struct ifreq link = {0};
  strncpy(link.ifr_name, words[1], IFNAMSIZ - 1);
  struct ether_arp asked = {.ea_hdr = {htons(ARPHRD_ETHER), htons(ETH_P_IP), 6, 4, htons(ARPOP_REQUEST)}};
  memcpy(asked.arp_tpa, &wanted, 4);
  if (door < 0 || ioctl(door, SIOCGIFHWADDR, &link) != 0) return perror(words[1]), 1;
  memcpy(asked.arp_sha, link.ifr_hwaddr.sa_data, 6);
  struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_halen = 6};
  all.sll_ifindex = (int)if_nametoindex(words[1]);
  memset(all.sll_addr, 0xff, 6);
  for (long long next_ms = 0;;) {
    if (now_ms() >= next_ms) {
      long long silent_ms = now_ms() - next_ms + every_ms;
      if (next_ms > 0 && silent_ms > 2 * every_ms) printf("late %lld\n", silent_ms), fflush(stdout);
      next_ms = now_ms() + every_ms;
      if (sendto(door, &asked, sizeof asked, 0, (struct sockaddr *)&all, sizeof all) < 0) perror(words[1]);
    }
    struct pollfd wait = {door, POLLIN, 0};
    struct ether_arp said;
    if (poll(&wait, 1, (int)(next_ms - now_ms() > 0 ? next_ms - now_ms() : 0)) > 0 &&
        recv(door, &said, sizeof said, MSG_DONTWAIT) == sizeof said)
      print_answer(&said, wanted);
  }
}
