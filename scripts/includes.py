"""Do includes point down only? The rooms and what each may include are docs/rooms.txt.

Also: every folder with C files is a room or belongs to one, our own headers are included as
"room/file.h" from the root, and nobody includes a .c file. Tests may include everything.
"""

import os
import re
import sys

import sources

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
FREE = ("tests", "bench", "docs")


def read_rooms():
    """{room: set of the rooms it may include, itself among them}."""
    below = {}
    with open("docs/rooms.txt", encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                room, _, others = line.partition(":")
                below[room.strip()] = others.split()
    return {room: reachable(room, below) for room in below}


def reachable(room, below):
    found, todo = set(), [room]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            if here not in below:
                sys.exit(f"docs/rooms.txt: {here} is named but has no line of its own")
            todo += below[here]
    return found


def room_of(path, rooms):
    """The innermost room that holds the path, or None."""
    folder = os.path.dirname(path)
    while folder:
        if folder in rooms:
            return folder
        folder = os.path.dirname(folder)
    return None


def resolve(name, path):
    """Where an include leads inside the tree: (path, problem)."""
    if os.path.isfile(name):
        return name, None
    if os.path.isfile(os.path.join("include", name)):
        return os.path.join("include", name), None
    if os.path.isfile(os.path.join(os.path.dirname(path), name)):
        return None, "is included from its own folder, not from the root"
    return None, None  # generated, or a library's


def check_file(path, rooms):
    room = room_of(path, rooms)
    if room is None:
        return [f"{path}: belongs to no room of docs/rooms.txt"]
    problems = []
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for found in INCLUDE.finditer(text):
        name = found.group(1)
        line = text.count("\n", 0, found.start(1)) + 1
        target, problem = resolve(name, path)
        if name.endswith(".c"):
            problem = "is no header"
        if target and not problem:
            other = room_of(target, rooms)
            if other is None:
                problem = "belongs to no room"
            elif other not in rooms[room] and other != "include/mapi":
                problem = f"is above or beside: {room} may not include {other}"
        if problem:
            problems.append(f'{path}:{line}: "{name}" {problem}')
    return problems


def main():
    rooms = read_rooms()
    problems = []
    for path in sources.names((".c", ".h")):
        if path.split("/")[0] not in FREE:
            problems += check_file(path, rooms)
    print("\n".join(problems) if problems else "includes point down")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
