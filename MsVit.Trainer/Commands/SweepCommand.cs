using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Network;
using MsVit.MLNet.Report;
using MsVit.MLNet.Sweep;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit sweep</c>: many trainings, the best options found.</summary>
internal sealed class SweepCommand
{
    private readonly DataOptions _data = new();
    private readonly Option<string[]> _vary = new("--vary", "-v") { Description = "What to try, such as TimeSteps=1|2|4 or LearningRate=log:5e-4..1e-2 (also int: and float:); may be repeated. By default TimeSteps=1|2|4 and three depths.", HelpName = "key=values" };
    private readonly Option<string?> _space = new("--space") { Description = "The same as a JSON file, with conditions if need be.", HelpName = "file" };
    private readonly Option<int?> _trials = new("--trials") { Description = "How many; by default 20, or the whole grid.", HelpName = "N" };
    private readonly Option<string?> _time = new("--time-budget") { Description = "The time after which this worker ends, such as 8h; the sweep can be taken up again.", HelpName = "time" };
    private readonly Option<SamplerKind> _sampler = new("--sampler") { Description = "How to choose.", DefaultValueFactory = _ => SamplerKind.Tpe };
    private readonly Option<PrunerKind> _pruner = new("--pruner") { Description = "What ends trials early.", DefaultValueFactory = _ => PrunerKind.Median };
    private readonly Option<SweepObjective[]> _objectives = new("--objective") { Description = "What to look for, the first one first; several give a Pareto front. By default accuracy and energy.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int> _folds = new("--folds") { Description = "Parts of cross-validation; 0 for one held-out part.", HelpName = "N" };
    private readonly Option<string> _store = new("--store") { Description = "Where the trials are kept: a .db file, or Host=...;Database=... of a PostgreSQL server that many workers share.", DefaultValueFactory = _ => "sweep.db", HelpName = "file|server" };
    private readonly Option<string> _name = new("--name") { Description = "The sweep's name in the store; the same name goes on with it.", DefaultValueFactory = _ => "sweep", HelpName = "name" };
    private readonly Option<string?> _folder = new("--folder") { Description = "The folder of checkpoints and models; by default beside the store's file.", HelpName = "folder" };
    private readonly Option<int> _keep = new("--keep") { Description = "How many models to keep, of the best trials.", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<string?> _preset = new("--preset") { Description = "The network that is varied; by default laptop-32, for recordings laptop-dvs.", HelpName = "name" };
    private readonly Option<string> _recipe = new("--recipe") { Description = "The recipe that is varied, by name or as a JSON file.", DefaultValueFactory = _ => "laptop", HelpName = "name|file" };
    private readonly Option<string[]> _set = new("--set", "-s") { Description = "Changes an option for all trials, such as BatchSize=64; may be repeated.", HelpName = "key=value" };
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the data of each trial.", HelpName = "N" };
    private readonly Option<int> _samples = new("--max-samples") { Description = "Train on so many rows at most, drawn at random; 0 for all.", HelpName = "N" };
    private readonly Option<int> _seed = new("--seed") { Description = "Of the sampler, the weights and the held-out part.", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<string> _device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto", HelpName = "name" };
    private readonly Option<string?> _report = new("--report") { Description = "Write a report of the sweep, one HTML file.", HelpName = "file" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object a trial, each on its line." };

    public static Command Create() => new SweepCommand().Command();

    private Verb Command()
    {
        var command = new Verb(
            "sweep",
            "Trains with many combinations of options and finds the best, or those worth their energy.",
            "msvit sweep --data shapes:1000 --epochs 5 --sampler Grid --report sweep.html",
            "msvit sweep --data photos --vary \"TimeSteps=1|2|4\" --vary LearningRate=log:5e-4..1e-2 --trials 30",
            "msvit sweep --data photos --store \"Host=db;Database=sweeps;Username=me\" --folder /mnt/shared/sweep     (on any number of machines)");
        _data.AddTo(command);
        foreach (var option in new Option[]
        {
            _vary, _space, _trials, _time, _sampler, _pruner, _objectives, _folds, _store, _name, _folder, _keep, _preset, _recipe, _set, _epochs, _samples, _seed, _device, _report, _json,
        })
        {
            command.Add(option);
        }
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var mlContext = new MLContext(seed: parsed.GetValue(_seed));
        var data = _data.Open(parsed, mlContext, DataPart.Train).Limit(mlContext, parsed.GetValue(_samples), parsed.GetValue(_seed));
        var options = Options(parsed, data);
        var space = Space(parsed, options);
        if (parsed.GetValue(_report) is { } path)
        {
            ModelFile.CheckWritable(path);
        }
        using var interrupt = new Interrupt(error, "Stopping at the next step; the trials so far are kept. Press Ctrl-C again to end at once.");
        var settings = new SweepSettings
        {
            Name = parsed.GetValue(_name)!,
            Options = options,
            Trials = parsed.GetValue(_trials),
            TimeBudget = parsed.GetValue(_time) is { } time ? Duration.Parse(time) : null,
            Sampler = parsed.GetValue(_sampler),
            Pruner = parsed.GetValue(_pruner),
            Objectives = parsed.GetValue(_objectives) is { Length: > 0 } objectives ? objectives : [SweepObjective.Accuracy, SweepObjective.Energy],
            Folds = parsed.GetValue(_folds),
            Store = parsed.GetValue(_store),
            Folder = parsed.GetValue(_folder),
            KeepModels = parsed.GetValue(_keep),
            Seed = parsed.GetValue(_seed),
            Progress = report => SweepDisplay.Tell(report, error),
            CancellationToken = interrupt.Token,
        };
        using var result = UsageException.Check(() => mlContext.MulticlassClassification.SweepMsVit(data.View, space, settings));
        if (parsed.GetValue(_report) is { } file)
        {
            SweepReport.Write(file, result, $"Sweep {settings.Name} on {Path.GetFileName(Path.TrimEndingDirectorySeparator(data.Path))}");
            error.WriteLine($"Wrote the report {file}.");
        }
        if (parsed.GetValue(_json))
        {
            foreach (var trial in result.Trials)
            {
                output.WriteLine(JsonLine.Of(SweepDisplay.Json(trial, result)));
            }
        }
        else
        {
            SweepDisplay.Write(result, output);
        }
        if (result.IsComplete)
        {
            return ExitCode.Success;
        }
        error.WriteLine($"The sweep is not complete. To go on, run the same command again: {Again(parsed)}");
        return interrupt.Token.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success;
    }

    private MsVitOptions Options(ParseResult parsed, OpenedData data)
    {
        var preset = parsed.GetValue(_preset) ?? (data.IsEvents ? "laptop-dvs" : "laptop-32");
        var options = new MsVitOptions
        {
            Network = UsageException.Check(() => MsVitConfig.Preset(preset)),
            Recipe = Settings.Recipe(parsed.GetValue(_recipe)!),
            Device = parsed.GetValue(_device)!,
        };
        if (parsed.GetValue(_epochs) is { } epochs)
        {
            options.Recipe = options.Recipe with { MaxEpoch = epochs };
        }
        return Settings.Set(options, parsed.GetValue(_set) ?? []);
    }

    private SearchSpace Space(ParseResult parsed, MsVitOptions options)
    {
        var words = parsed.GetValue(_vary) ?? [];
        var space = new SearchSpace();
        if (parsed.GetValue(_space) is { } file)
        {
            if (!File.Exists(file))
            {
                throw new UsageException($"There is no file {Path.GetFullPath(file)}.");
            }
            try
            {
                space = SearchSpace.FromJson(File.ReadAllText(file));
            }
            catch (ArgumentException e)
            {
                throw new UsageException($"{file}: {ErrorLine.Of(e)}", e);
            }
        }
        else if (words.Length == 0)
        {
            // The two that decide most about a spiking network: how long it thinks and how deep it is.
            var depths = options.Network.Depths;
            space = space.Choice("TimeSteps", 1, 2, 4)
                .Choice("Depths", [.. Enumerable.Range(0, 3).Select(more => string.Join(',', depths.Take(depths.Count - 1).Append(depths[^1] + more)))]);
        }
        return words.Aggregate(space, Vary.Add);
    }

    private static string Again(ParseResult parsed) =>
        $"msvit {string.Join(' ', parsed.Tokens.Select(token => token.Value.Any(c => char.IsWhiteSpace(c) || c is '|' or ';') ? $"\"{token.Value}\"" : token.Value))}";
}
