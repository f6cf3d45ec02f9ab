"""What the tests here do not collect: a module that needs the fuzzer, which runs in a process of its own."""

collect_ignore = ["one_reader.py"]
