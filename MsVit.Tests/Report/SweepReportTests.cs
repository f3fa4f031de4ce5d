using System.Xml.Linq;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;

namespace MsVit.Tests.Report;

public sealed class SweepReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_report_is_clean_markup_without_anything_from_a_network_and_names_every_trial()
    {
        var page = Report(Trials());
        var text = page.Value;
        Assert.DoesNotContain("http", page.ToString().Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(page.Descendants("script"));
        foreach (var section in new[] { "sweep", "pareto", "history", "curves", "coordinates", "trials", "failures" })
        {
            Assert.Contains(page.Descendants("section"), found => found.Attribute("id")?.Value == section);
        }
        Assert.Contains("2 completed, 1 ended early, 1 failed, 1 unfinished", text, StringComparison.Ordinal);
        // Three of 9 hours and 20 minutes: the hours do not start anew after a day.
        Assert.Contains("6 in total, 28:00:00 of training", text, StringComparison.Ordinal);
        Assert.Equal(5, page.Descendants("section").Single(found => found.Attribute("id")?.Value == "trials").Descendants("tbody")
            .Single().Elements("tr").Count());
    }

    [Fact]
    public void What_comes_from_outside_is_text_and_never_markup()
    {
        var page = Report(Trials());
        Assert.Contains("<img src=x onerror=alert(1)>", page.Value, StringComparison.Ordinal);
        Assert.Empty(page.Descendants("img"));
    }

    [BrowserFact]
    public async Task The_report_is_legible_on_a_phone_and_on_a_desk_light_and_dark()
    {
        Report(Trials());
        Assert.Empty(await PageAudit.FaultsOf(Path.Combine(_folder.Path, "sweep.html")));
    }

    [Fact]
    public void A_sweep_without_a_completed_trial_has_a_report_too() =>
        Assert.Contains("no trial has completed", Report([Trials()[3], Trials()[4]]).Value, StringComparison.Ordinal);

    private XElement Report(TrialRecord[] trials)
    {
        var space = new SearchSpace().Choice("TimeSteps", 1, 2).LogUniform("LearningRate", 1e-4, 1e-2).Choice("Neuron", "Lif", "Plif")
            .Uniform("Tau", 1.5, 3).When("Neuron", "Plif");
        var settings = new SweepSettings { Objectives = [SweepObjective.Accuracy, SweepObjective.Energy] };
        var sweep = new SweepRecord(1, "s", space.ToJson(), "{}", DateTimeOffset.UnixEpoch);
        using var result = new SweepResult(new MLContext(), sweep, trials, settings, isComplete: false, temporary: null);
        var path = Path.Combine(_folder.Path, "sweep.html");
        SweepReport.Write(path, result, "<b>A sweep</b>");
        return XElement.Parse(File.ReadAllText(path)["<!DOCTYPE html>".Length..]);
    }

    private static TrialRecord[] Trials() =>
    [
        Trial(0, "\"TimeSteps\":\"1\",\"LearningRate\":\"0.001\",\"Neuron\":\"Lif\"", TrialState.Completed, 0.8, 1e-6),
        Trial(1, "\"TimeSteps\":\"2\",\"LearningRate\":\"0.002\",\"Neuron\":\"Plif\",\"Tau\":\"2\"", TrialState.Completed, 0.9, 2e-6),
        Trial(2, "\"TimeSteps\":\"2\",\"LearningRate\":\"0.0002\",\"Neuron\":\"Lif\"", TrialState.Pruned, 0.2, null),
        Trial(3, "\"TimeSteps\":\"2\",\"LearningRate\":\"0.01\",\"Neuron\":\"Lif\"", TrialState.Failed, null,
            null) with { Failure = "<img src=x onerror=alert(1)>" },
        Trial(4, "\"TimeSteps\":\"2\",\"LearningRate\":\"0.01\",\"Neuron\":\"Lif\"", TrialState.Waiting, null, null),
    ];

    private static TrialRecord Trial(int number, string values, TrialState state, double? accuracy, double? energy) => new()
    {
        Number = number,
        Parameters = $"{{{values}}}",
        Seed = 0,
        State = state,
        Curve = accuracy is { } best ? [new(1, best / 2, 2, 1), new(2, best, 1, 33_600)] : [],
        Objectives = new (string Name, double? Value)[] { ("Accuracy", accuracy), ("Energy", energy) }.Where(
            value => value.Value is not null).ToDictionary(value => value.Name, value => value.Value!.Value),
    };
}
