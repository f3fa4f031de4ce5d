namespace MsVit.MLNet.Sweep;

/// <summary>Tree-structured Parzen estimator: draws each parameter where good trials are dense and bad ones are not.</summary>
/// <remarks>
/// Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011. Of n ranked trials, the best
/// min(ceil(n / 10), 25) are good. Unfinished trials count as bad, so that concurrent workers try different values. A parameter learns only
/// from trials that used it. Of 24 draws from the density of the good trials, the one with the highest ratio of the two densities wins.
/// </remarks>
internal sealed class TpeSampler(SearchSpace space, ulong seed, int startup = 10) : ISampler
{
    private const int Candidates = 24;
    private const int MostGood = 25;
    private const double GoodShare = 0.1;

    private readonly RandomSampler _random = new(space, seed);

    public IReadOnlyDictionary<string, string> Propose(int number, IReadOnlyList<Observation> history)
    {
        var ranked = history.Where(trial => trial.Rank is not null).OrderBy(trial => trial.Rank).ToArray();
        if (ranked.Length < startup)
        {
            return _random.Propose(number, history);
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
            parameter.Choices.Count,
            Positions(parameter, trials)
                .Select(position => Math.Min((int)(position * parameter.Choices.Count), parameter.Choices.Count - 1)));
    }

    private static string Number(SearchParameter parameter, Observation[] good, Observation[] bad, ref RandomStream random)
    {
        var (high, low) = (new ParzenEstimator(Positions(parameter, good)), new ParzenEstimator(Positions(parameter, bad)));
        var best = (Position: 0.5, Ratio: double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            var position = high.Sample(ref random);
            var ratio = high.Density(position) / low.Density(position);
            best = ratio > best.Ratio ? (position, ratio) : best;
        }
        return parameter.At(best.Position);
    }

    private static IEnumerable<double> Positions(SearchParameter parameter, Observation[] trials) =>
        from trial in trials
        let position = trial.Values.TryGetValue(parameter.Name, out var value) ? parameter.PositionOf(value) : null
        where position is not null
        select position.Value;
}
