"""The half of the gateway that stays with the real services: hands sockets in a folder on to their ports."""

import os
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(path, host, port):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    while True:
        caller, _ = server.accept()
        try:
            service = socket.create_connection((host, port))
        except OSError:
            caller.close()
            continue
        threading.Thread(target=pump, args=(caller, service), daemon=True).start()
        threading.Thread(target=pump, args=(service, caller), daemon=True).start()


for entry in sys.argv[2:]:
    name, host, port = entry.split(",")
    path = os.path.join(sys.argv[1], name)
    threading.Thread(target=serve, args=(path, host, int(port)), daemon=True).start()
for line in sys.stdin:
    pass
