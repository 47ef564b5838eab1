#!/bin/sh
# The linker of the Windows build, inside the root that builds packages. winsafe names five functions of dialogs that the import
# libraries of mingw do not have and that nothing here calls: they get a body that ends the program. The optimised build drops them.
set -eu
absent="GetDialogDpiChangeBehavior SetDialogDpiChangeBehavior GetWindowDpiHostingBehavior GetThreadDpiHostingBehavior
    SetThreadDpiHostingBehavior"
for name in $absent; do
    echo "void $name(void) { __builtin_trap(); }"
done | /usr/bin/x86_64-w64-mingw32-gcc -O1 -ffunction-sections -x c -c -o /tmp/absent.o -
exec /usr/bin/x86_64-w64-mingw32-gcc "$@" /tmp/absent.o
