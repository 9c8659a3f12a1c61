package main

port := 1 if input.a

port := 2 if input.b

test_beside_a_rule if port == 2 with input as {"b": true}
