using MsVit.MLNet;
using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

public class TrialChooserTests
{
    private static readonly SearchSpace Few = new SearchSpace().Choice("TimeSteps", 1, 2, 4).Choice("Neuron", "Lif", "Plif")
        .Choice("Surrogate", "Sigmoid", "Atan").When("Neuron", "Lif");

    [Theory]
    [InlineData(SamplerKind.Tpe)]
    [InlineData(SamplerKind.Random)]
    [InlineData(SamplerKind.Grid)]
    public void A_small_space_is_tried_whole_and_no_combination_twice(SamplerKind sampler)
    {
        var chooser = new TrialChooser(Few, new() { Sampler = sampler, Trials = 50 });
        Assert.Equal(9, chooser.Trials);
        var trials = new List<TrialRecord>();
        while (chooser.Propose(trials) is { } values)
        {
            trials.Add(new()
            {
                Number = trials.Count,
                Parameters = values,
                Seed = 1,
                State = TrialState.Completed,
                // One combination is far better, so that TPE would return to it.
                Objectives = new Dictionary<string, double>
                {
                    ["Accuracy"] = values.Contains("Plif", StringComparison.Ordinal) ? 0.9
                    : 0.1
                },
            });
        }
        Assert.Equal(9, trials.Count);
        Assert.Equal(9, trials.Select(trial => trial.Parameters).Distinct().Count());
    }

    [Fact]
    public void As_many_trials_as_asked_for_are_chosen_when_there_are_more_combinations()
    {
        var chooser = new TrialChooser(Few, new() { Trials = 4 });
        Assert.Equal(4, chooser.Trials);
        Assert.Equal(20, new TrialChooser(Few.LogUniform("LearningRate", 1e-4, 1e-2), new()).Trials);
    }
}
