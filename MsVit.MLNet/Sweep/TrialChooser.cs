using System.Text.Json;
using MsVit.MLNet.Sweep.Sampling;

namespace MsVit.MLNet.Sweep;

/// <summary>Decides what the next trial of a sweep tries.</summary>
internal sealed class TrialChooser
{
    private readonly ISampler _sampler;
    private readonly IReadOnlyList<Dictionary<string, string>> _first;
    private readonly IReadOnlyList<SweepObjective> _objectives;

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
        Trials = settings.Trials ?? DefaultTrials;
    }

    private const int DefaultTrials = 20;

    /// <summary>How many trials the sweep is to have.</summary>
    public int Trials { get; }

    /// <summary>The values of the next trial, as JSON; null when there are enough.</summary>
    public string? Next(IReadOnlyList<TrialRecord> trials)
    {
        var number = trials.Count;
        if (number >= Trials)
        {
            return null;
        }
        var values = number < _first.Count ? _first[number] : _sampler.Next(number, Observations(trials));
        return values is null ? null : JsonSerializer.Serialize(values);
    }

    private Observation[] Observations(IReadOnlyList<TrialRecord> trials)
    {
        var ranks = ParetoOrder.Rank(trials, _objectives).Index().ToDictionary(trial => trial.Item.Number, trial => trial.Index);
        return [.. trials.Select(trial => new Observation(
            JsonSerializer.Deserialize<Dictionary<string, string>>(trial.Parameters)!,
            ranks.TryGetValue(trial.Number, out var rank) ? rank : null))];
    }
}
