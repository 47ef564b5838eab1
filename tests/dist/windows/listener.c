/* A program of Windows that waits for others on one TCP port of every address, as a database would: listener.exe PORT.
   wine tells only the sockets of its own programs, so the tests need one that is. */
#include <winsock2.h>
#include <stdlib.h>

int main(int count, char **words) {
    WSADATA data;
    struct sockaddr_in place = {0};
    SOCKET listener;
    if (count != 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 2;
    place.sin_family = AF_INET;
    place.sin_port = htons((unsigned short)atoi(words[1]));
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&place, sizeof place) != 0) return 2;
    if (listen(listener, 8) != 0) return 2;
    for (;;) closesocket(accept(listener, NULL, NULL));
}
