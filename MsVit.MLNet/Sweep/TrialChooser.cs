using System.Text.Json;

namespace MsVit.MLNet.Sweep;

/// <summary>Decides what the next trial of a sweep tries.</summary>
internal sealed class TrialChooser
{
    private readonly ISampler _sampler;
    private readonly IReadOnlyList<Dictionary<string, string>> _first;
    private readonly IReadOnlyList<SweepObjective> _objectives;

    // Of a space with a few combinations alone: all of them.
    private readonly GridSampler? _all;

    public TrialChooser(SearchSpace space, SweepSettings settings)
    {
        _objectives = settings.Objectives;
        if (settings.Sampler == SamplerKind.Grid)
        {
            var grid = new GridSampler(space, settings.GridPlaces);
            (_sampler, _first, Trials) = (grid, [], Math.Min(settings.Trials ?? int.MaxValue, grid.Count));
            return;
        }
        _sampler = settings.Sampler == SamplerKind.Tpe ? new TpeSampler(space, (uint)settings.Seed) : new RandomSampler(space, (uint)settings.Seed);
        _first = [.. settings.StartingPoints.Select(point => StartingValues.Of(space, settings.Options, point))];
        var combinations = space.Parameters.Aggregate(1.0, (product, parameter) => product * parameter.Count);
        _all = combinations <= FewCombinations ? new GridSampler(space, settings.GridPlaces) : null;
        Trials = Math.Min(settings.Trials ?? DefaultTrials, _all?.Count ?? int.MaxValue);
    }

    private const int DefaultTrials = 20;
    private const int FewCombinations = 10_000;
    private const int Proposals = 100;
    private const int MostTrials = 10_000_000;

    /// <summary>How many trials the sweep is to have: no combination is tried twice.</summary>
    public int Trials { get; }

    /// <summary>The values of the next trial, as JSON; null when there are enough.</summary>
    public string? Next(IReadOnlyList<TrialRecord> trials)
    {
        var number = trials.Count;
        if (number >= Trials)
        {
            return null;
        }
        var tried = trials.Select(trial => trial.Parameters).ToHashSet();
        var observations = Observations(trials);
        // The number of a further proposal is none that a trial can have.
        var proposals = Enumerable.Range(0, Proposals).Select(proposal => _sampler.Next(number + (proposal * MostTrials), observations));
        return _first.Skip(number).Take(1).Concat(proposals).TakeWhile(values => values is not null).Append(_all?.Untried(tried))
            .Where(values => values is not null).Select(values => JsonSerializer.Serialize(values)).FirstOrDefault(values => !tried.Contains(values));
    }

    private Observation[] Observations(IReadOnlyList<TrialRecord> trials)
    {
        var ranks = ParetoOrder.Rank(trials, _objectives).Index().ToDictionary(trial => trial.Item.Number, trial => trial.Index);
        return [.. trials.Select(trial => new Observation(
            JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!,
            ranks.TryGetValue(trial.Number, out var rank) ? rank : null))];
    }
}
