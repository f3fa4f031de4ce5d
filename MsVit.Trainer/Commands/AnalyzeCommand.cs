using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit analyze</c>: how a model's neurons fire, how much energy it needs, and the effect of fewer time steps.</summary>
internal static class AnalyzeCommand
{
    private static readonly double[] Thresholds = [0.5, 0.7, 0.9, 0.99];

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var samples = new Option<int>("--max-samples")
        {
            Description = "The most samples to analyze, drawn at random; 0 for all.",
            DefaultValueFactory = _ => 256,
            HelpName = "N",
        };
        var steps = new Option<int?>("--max-time-steps")
        {
            Description = "Also run with every number of time steps up to this one; by default up to that of the network.",
            HelpName = "T",
        };
        var energy = new Option<string?>("--energy-csv")
        {
            Description = "Write the operations and the energy of every layer to a CSV file.",
            HelpName = "file",
        };
        var neurons = new Option<string?>("--neurons-csv")
        {
            Description = "Write firing rates and the shares of dead and saturated neurons of every layer to a CSV file.",
            HelpName = "file",
        };
        var report = new Option<string?>("--report")
        {
            Description = "Write a report with the energy table and a spike raster as an HTML file.",
            HelpName = "file",
        };
        var device = DeviceOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Verb(
            "analyze",
            "Reports how a model's neurons fire, its operations and energy per sample, and the effect of fewer time steps or an early "
                + "exit.",
            "msvit analyze --model model.zip --data shapes:500",
            "msvit analyze --model model.zip --data photos --max-time-steps 16 --energy-csv energy.csv")
        {
            model,
        };
        data.AddTo(command);
        foreach (var option in new Option[] { samples, steps, energy, neurons, report, device, json })
        {
            command.Add(option);
        }
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var mlContext = device.Context(parsed, model: parsed.GetValue(model));
            foreach (var file in new[] { parsed.GetValue(energy), parsed.GetValue(neurons), parsed.GetValue(report) }.OfType<string>())
            {
                ModelFile.CheckWritable(file);
            }
            if (parsed.GetValue(steps) is < 1 or > 64)
            {
                throw new UsageException($"--max-time-steps is {parsed.GetValue(steps)}; it must be from 1 to 64.");
            }
            var loaded = data.Reading.Apply(parsed, ModelFile.Load(mlContext, parsed.GetValue(model)!));
            using var disposable = loaded as IDisposable;
            ModelFile.CheckNetwork(loaded);
            var set = data.Open(parsed, mlContext, DataPart.Test, loaded).Limit(mlContext, parsed.GetValue(samples), seed: 1);
            set.CheckFits(loaded);
            set.WriteReading(error);
            var unreadable = UnreadableRows.Find(loaded, set);
            unreadable.Write(error);
            set = unreadable.Rest();
            using var interrupt = new Interrupt(error, "Stopping.");
            var analysis = mlContext.MulticlassClassification.AnalyzeMsVit(
                loaded, set.View, new() { MaxTimeSteps = parsed.GetValue(steps), CancellationToken = interrupt.Token });
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
                    Title = $"How {Path.GetFileName(parsed.GetValue(model))} fires on {set.Name}",
                    Protocol = $"{analysis.Samples} {set.Noun} of {set.Path}, drawn at random.",
                    Tables = [ReportTable.OfEnergy(analysis)],
                });
            }
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonLine.Of(Json(analysis, unreadable.Count)));
            }
            else
            {
                output.Write(analysis.ToText(Thresholds));
            }
            return unreadable.Count > 0 ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Json(SpikeAnalysis analysis, int unreadable)
    {
        var estimate = EnergyEstimate.Of(analysis);
        return new()
        {
            ["samples"] = analysis.Samples,
            ["unreadable"] = unreadable,
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
