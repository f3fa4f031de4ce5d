using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>Chooses the parameters of each trial.</summary>
internal sealed class TrialChooser
{
    private readonly ISampler _sampler;
    private readonly IReadOnlyList<Dictionary<string, string>> _first;
    private readonly IReadOnlyList<SweepObjective> _objectives;

    // Set only if the space has few combinations.
    private readonly GridSampler? _all;

    public TrialChooser(SearchSpace space, SweepSettings settings)
    {
        _objectives = settings.Objectives;
        if (settings.Sampler == SamplerKind.Grid)
        {
            var grid = new GridSampler(space, settings.GridPoints);
            (_sampler, _first, Trials) = (grid, [], Math.Min(settings.Trials ?? int.MaxValue, grid.Count));
            return;
        }
        var seed = (uint)settings.Seed;
        _sampler = settings.Sampler == SamplerKind.Tpe ? new TpeSampler(space, seed) : new RandomSampler(space, seed);
        _first = [.. settings.StartingPoints.Select(point => StartingValues.Of(space, settings.Options, point))];
        var combinations = space.Parameters.Aggregate(1.0, (product, parameter) => product * parameter.Count);
        _all = combinations <= FewCombinations ? new GridSampler(space, settings.GridPoints) : null;
        Trials = Math.Min(settings.Trials ?? DefaultTrials, _all?.Count ?? int.MaxValue);
    }

    private const int DefaultTrials = 20;
    private const int FewCombinations = 10_000;
    private const int Proposals = 100;
    private const int MostTrials = 10_000_000;

    /// <summary>Total number of trials. No combination is tried twice.</summary>
    public int Trials { get; }

    /// <summary>The parameters of the next trial as JSON; null if the sweep has enough trials.</summary>
    public string? Propose(IReadOnlyList<TrialRecord> trials)
    {
        var number = trials.Count;
        if (number >= Trials)
        {
            return null;
        }
        var tried = trials.Select(trial => trial.Parameters).ToHashSet();
        var observations = Observations(trials);
        // Further proposals use numbers that no trial can have.
        var proposals = Enumerable.Range(0, Proposals)
            .Select(proposal => _sampler.Propose(number + (proposal * MostTrials), observations));
        return _first.Skip(number).Take(1)
            .Concat(proposals)
            .TakeWhile(values => values is not null)
            .Append(_all?.Untried(tried))
            .Where(values => values is not null)
            .Select(values => JsonSerializer.Serialize(values))
            .FirstOrDefault(values => !tried.Contains(values));
    }

    private Observation[] Observations(IReadOnlyList<TrialRecord> trials)
    {
        var ranks = ParetoOrder.Rank(trials, _objectives).Index().ToDictionary(trial => trial.Item.Number, trial => trial.Index);
        return [.. trials.Select(trial => new Observation(
            JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!,
            ranks.TryGetValue(trial.Number, out var rank) ? rank : null))];
    }
}
