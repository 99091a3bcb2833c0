# Run the plain test functions of host_tests/logic here. Arguments: names of its modules.

import sys

passed = failed = 0
for name in sys.argv[1:]:
    module = getattr(__import__("logic." + name), name)
    for key in sorted(dir(module)):
        if not key.startswith("test_"):
            continue
        try:
            getattr(module, key)()
            passed += 1
        except Exception as error:
            failed += 1
            print("FAILED %s.%s" % (name, key))
            if hasattr(sys, "print_exception"):
                sys.print_exception(error)
print("%d passed, %d failed" % (passed, failed))
sys.exit(1 if failed else 0)
