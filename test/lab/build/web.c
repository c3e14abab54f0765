// Answers every TCP connection on port 80 with what /data/index.txt holds at that moment; ends at once on SIGTERM.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(int signal) { _exit(0); }

static void answer(int client) {
  char text[65536] = "no /data/index.txt\n";
  ssize_t length = 19;
  int file = open("/data/index.txt", O_RDONLY);
  if (file >= 0) {
    length = read(file, text, sizeof text);
    close(file);
  }
  // a file that cannot be read (its disk is gone) is no answer
  if (length > 0 && write(client, text, length) < 0) perror("write");
  close(client);
}

int main(void) {
  struct sigaction on_end = {.sa_handler = end};
  sigaction(SIGTERM, &on_end, 0);
  sigaction(SIGINT, &on_end, 0);
  signal(SIGPIPE, SIG_IGN);
  int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 1024)) {
    perror("port 80");
    return 1;
  }
  for (;;) {
    int client = accept(server, 0, 0);
    if (client >= 0) answer(client);
  }
}
