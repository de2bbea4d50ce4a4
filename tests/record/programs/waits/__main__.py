"""Asynchronous programs: coroutines as inputs, resources made inside apply, results awaited in the middle."""

import asyncio

import pulumi
import pulumi_random as random


async def later(value):
    await asyncio.sleep(0.001)
    return value


first = random.RandomPet("first", length=later(3))
second = random.RandomPet("second", prefix=first.id, keepers={"a": later("b")})


def many(name):
    for index in range(3):
        random.RandomPet(f"inside-{index}", prefix=name)
    return name


pulumi.export("made", second.id.apply(many))


async def main():
    length = await first.length.future()
    pets = [random.RandomPet(f"main-{index}") for index in range(int(length or 1))]
    return {"count": len(pets), "ids": pulumi.Output.all(*[pet.id for pet in pets]).apply(len)}


pulumi.run(main)
