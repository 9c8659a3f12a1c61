package main

deny contains "no name" if not input.name
