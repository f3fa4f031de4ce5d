namespace MsVit.MLNet.Sweep;

/// <summary>Tree-structured Parzen estimators: each parameter is drawn where good trials are dense and the others are not.</summary>
/// <remarks>
/// Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011. Of n ranked trials the best min(ceil(n / 10), 25) are the
/// good ones; trials under way count as bad, so that workers at the same time try different things. A parameter learns only from the
/// trials that used it. Of 24 draws from the density of the good ones that with the highest ratio of both densities is taken.
/// </remarks>
internal sealed class TpeSampler(SearchSpace space, ulong seed, int startup = 10) : ISampler
{
    private const int Candidates = 24;
    private const int MostGood = 25;
    private const double GoodShare = 0.1;

    private readonly RandomSampler _random = new(space, seed);

    public IReadOnlyDictionary<string, string> Next(int number, IReadOnlyList<Observation> history)
    {
        var ranked = history.Where(trial => trial.Rank is not null).OrderBy(trial => trial.Rank).ToArray();
        if (ranked.Length < startup)
        {
            return _random.Next(number, history);
        }
        var goodCount = Math.Min((int)Math.Ceiling(GoodShare * ranked.Length), MostGood);
        var good = ranked[..goodCount];
        Observation[] bad = [.. ranked[goodCount..], .. history.Where(trial => trial.Rank is null)];
        var random = RandomStream.For(RandomPurpose.Sweep, seed, (ulong)number, 1);
        return space.Fill(parameter => parameter.Kind == SearchKind.Choice
            ? Choice(parameter, good, bad, ref random)
            : Number(parameter, good, bad, ref random));
    }

    private static string Choice(SearchParameter parameter, Observation[] good, Observation[] bad, ref RandomStream random)
    {
        var (high, low) = (Estimator(good), Estimator(bad));
        var best = (Choice: 0, Ratio: double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            var choice = high.Sample(ref random);
            var ratio = high.Probability(choice) / low.Probability(choice);
            best = ratio > best.Ratio ? (choice, ratio) : best;
        }
        return parameter.Choices[best.Choice];

        CategoryEstimator Estimator(Observation[] trials) => new(
            parameter.Choices.Count, Places(parameter, trials).Select(place => Math.Min((int)(place * parameter.Choices.Count), parameter.Choices.Count - 1)));
    }

    private static string Number(SearchParameter parameter, Observation[] good, Observation[] bad, ref RandomStream random)
    {
        var (high, low) = (new ParzenEstimator(Places(parameter, good)), new ParzenEstimator(Places(parameter, bad)));
        var best = (Place: 0.5, Ratio: double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            var place = high.Sample(ref random);
            var ratio = high.Density(place) / low.Density(place);
            best = ratio > best.Ratio ? (place, ratio) : best;
        }
        return parameter.At(best.Place);
    }

    private static IEnumerable<double> Places(SearchParameter parameter, Observation[] trials) =>
        from trial in trials
        let place = trial.Values.TryGetValue(parameter.Name, out var value) ? parameter.PlaceOf(value) : null
        where place is not null
        select place.Value;
}
