using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit analyze</c>: how a model's neurons fire, what it costs, and what fewer time steps would do.</summary>
internal static class AnalyzeCommand
{
    private static readonly double[] Thresholds = [0.5, 0.7, 0.9, 0.99];

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var samples = new Option<int>("--max-samples") { Description = "Look at so many rows at most, drawn at random; 0 for all.", DefaultValueFactory = _ => 256, HelpName = "N" };
        var steps = new Option<int?>("--max-time-steps") { Description = "Also run with other numbers of time steps, up to this one; by default up to the network's.", HelpName = "T" };
        var energy = new Option<string?>("--energy-csv") { Description = "Write operations and energy of every layer.", HelpName = "file" };
        var neurons = new Option<string?>("--neurons-csv") { Description = "Write firing rates, dead and saturated shares of every neuron layer.", HelpName = "file" };
        var report = new Option<string?>("--report") { Description = "Write a report with the energy table and an image of the spikes, one HTML file.", HelpName = "file" };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Verb("analyze", "Says how a model's neurons fire, what an image costs in operations and joules, and what fewer time steps or an early exit would do.",
            "msvit analyze --model model.zip --data shapes:500", "msvit analyze --model model.zip --data photos --max-time-steps 16 --energy-csv energy.csv") { model };
        data.AddTo(command);
        foreach (var option in new Option[] { samples, steps, energy, neurons, report, device, json })
        {
            command.Add(option);
        }
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var mlContext = device.Context(parsed);
            foreach (var file in new[] { parsed.GetValue(energy), parsed.GetValue(neurons), parsed.GetValue(report) }.OfType<string>())
            {
                ModelFile.CheckWritable(file);
            }
            if (parsed.GetValue(steps) is < 1 or > 64)
            {
                throw new UsageException($"--max-time-steps is {parsed.GetValue(steps)}; it must be from 1 to 64.");
            }
            var set = data.Open(parsed, mlContext, DataPart.Test).Limit(mlContext, parsed.GetValue(samples), seed: 1);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            set.CheckFits(loaded);
            using var interrupt = new Interrupt(parsed.InvocationConfiguration.Error, "Stopping.");
            var analysis = mlContext.MulticlassClassification.AnalyzeMsVit(loaded, set.View, new() { MaxTimeSteps = parsed.GetValue(steps), CancellationToken = interrupt.Token });
            if (parsed.GetValue(energy) is { } energyFile)
            {
                File.WriteAllText(energyFile, analysis.Energy.ToCsv());
            }
            if (parsed.GetValue(neurons) is { } neuronFile)
            {
                File.WriteAllText(neuronFile, analysis.NeuronsToCsv());
            }
            if (parsed.GetValue(report) is { } page)
            {
                RunReport.Write(page, loaded, set.View, new()
                {
                    Title = $"How {Path.GetFileName(parsed.GetValue(model))} fires on {Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Path))}",
                    Protocol = $"{analysis.Samples} {set.Noun} of {set.Path}, drawn at random.",
                    Tables = [ReportTable.OfEnergy(analysis)],
                });
            }
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonLine.Of(Json(analysis)));
            }
            else
            {
                output.Write(analysis.ToText(Thresholds));
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Json(SpikeAnalysis analysis)
    {
        var estimate = EnergyEstimate.Of(analysis);
        return new()
        {
            ["samples"] = analysis.Samples,
            ["parameters"] = estimate.Parameters,
            ["firingRate"] = JsonLine.Number(estimate.FiringRate),
            ["synapticOperations"] = JsonLine.Number(estimate.SynapticOperations),
            ["joules"] = JsonLine.Number(estimate.Joules),
            ["joulesByValue"] = JsonLine.Number(estimate.JoulesByValue),
            ["annJoules"] = JsonLine.Number(estimate.AnnJoules),
            ["timeSteps"] = JsonSerializer.SerializeToNode(analysis.Steps, JsonSerializerOptions.Web),
            ["earlyExit"] = JsonSerializer.SerializeToNode(analysis.EarlyExit(Thresholds), JsonSerializerOptions.Web),
        };
    }
}
