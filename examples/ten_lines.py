"""From a data set to a steered list, its explanation and its breakpoints. Takes about half a minute on two cores."""

import knobs_core as knobs

data = knobs.load_data("demo")  # or Interactions.from_frames(likes, items, tags), or .from_csr(matrix)
bundle = knobs.train(data, sae="topk", k=32)  # or knobs.load("my-bundle"), or knobs.load_demo()
print(bundle.knobs.search("noir"))  # key, name, kind, verdict
person = bundle.person(user="15")  # or items=["260", "1196"], or users=["15", "42"]
print(person.profile(n=9))  # the themes of this taste
rec = person.recommend({"film-noir": 0.3, "comedy": -0.5}, n=20)
print(rec)  # rank, item_id, title, score, rank_before
print(rec.explain("1248"))  # parts that add up to the score of Touch of Evil
print(person.breakpoints("film-noir"))  # at which amounts titles enter and leave
print(person.counterfactual(item="5971"))  # the smallest turn that brings My Neighbor Totoro
print(knobs.evaluate.tradeoff(bundle, seeds=1).summary)  # what steering brings and costs, all methods side by side
