#!/bin/sh
# Runs until it is ended: what the examples have to do with.
trap 'echo "app ends"; exit 0' TERM
echo "app begins"
while :; do
  sleep 0.1
done
