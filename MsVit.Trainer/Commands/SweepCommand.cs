using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Sweep;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit sweep</c>: trains with many combinations of options.</summary>
internal sealed class SweepCommand
{
    private readonly DataOptions _data = new();
    private readonly Option<string[]> _vary = new Option<string[]>("--vary", "-v")
    {
        Description =
            "What to vary, such as TimeSteps=1|2|4 or LearningRate=log:5e-4..1e-2 (also int: and float:). May be repeated. By default "
            + "TimeSteps=1|2|4 and three depths.",
        HelpName = "key=values",
    }.Completed(Names.Settings);
    private readonly Option<string?> _space = new("--space")
    {
        Description = "A JSON file with what to vary, which may include conditions.",
        HelpName = "file",
    };
    private readonly Option<int?> _trials = new("--trials")
    {
        Description = "How many trials to run; by default 20, or the whole grid.",
        HelpName = "N",
    };
    private readonly Option<string?> _time = new("--time-budget")
    {
        Description = "The time after which this worker stops, such as 8h; the sweep can be resumed.",
        HelpName = "time",
    };
    private readonly Option<int?> _epochBudget = new("--epoch-budget")
    {
        Description = "The total epochs of all trials, after which no trial is started.",
        HelpName = "N",
    };
    private readonly Option<SamplerKind> _sampler = new("--sampler")
    {
        Description = "How to choose the next trial.",
        DefaultValueFactory = _ => SamplerKind.Tpe,
    };
    private readonly Option<PrunerKind> _pruner = new("--pruner")
    {
        Description = "Which rule ends poor trials early.",
        DefaultValueFactory = _ => PrunerKind.Median,
    };
    private readonly Option<SweepObjective[]> _objectives = new("--objective")
    {
        Description = "What to optimize; the first one decides, several give a Pareto front. By default accuracy and energy.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "Accuracy|Energy|Latency|Parameters",
    };
    private readonly Option<int> _folds = new("--folds")
    {
        Description = "How many folds of cross-validation; 0 for a single held-out part.",
        HelpName = "N",
    };
    private readonly Option<string> _store = new("--store")
    {
        Description = "Where trials are stored: a .db file, or Host=...;Database=... of a PostgreSQL server that many workers share.",
        DefaultValueFactory = _ => "sweep.db",
        HelpName = "file|server",
    };
    private readonly Option<string> _name = new("--name")
    {
        Description = "The name of the sweep in the store; an existing sweep of that name is resumed.",
        DefaultValueFactory = _ => "sweep",
        HelpName = "name",
    };
    private readonly Option<string?> _folder = new("--folder")
    {
        Description = "The folder for checkpoints and models; by default next to the store's file.",
        HelpName = "folder",
    };
    private readonly Option<int> _keep = new("--keep")
    {
        Description = "How many models of the best trials to keep.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };
    private readonly Option<string?> _preset = new Option<string?>("--preset")
    {
        Description = "The network to vary. By default laptop-32 for images and laptop-dvs for recordings.",
        HelpName = "name",
    }.Completed(Names.Presets);
    private readonly Option<string> _recipe = new Option<string>("--recipe")
    {
        Description = "The recipe to vary, by name or as a JSON file.",
        DefaultValueFactory = _ => "laptop",
        HelpName = "name|file",
    }.Completed(Names.Recipes);
    private readonly Option<string[]> _set = Settings.CreateSet("Sets an option for all trials, such as BatchSize=64.");
    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the data of each trial.", HelpName = "N" };
    private readonly Option<int> _samples = new("--max-samples")
    {
        Description = "The most samples to train on, drawn at random; 0 for all.",
        HelpName = "N",
    };
    private readonly Option<int> _seed = new("--seed")
    {
        Description = "The seed of the sampler, the weights and the held-out part.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };
    private readonly DeviceOption _device = DeviceOption.Create();
    private readonly Option<string?> _report = new("--report")
    {
        Description = "Write a report of the sweep as an HTML file.",
        HelpName = "file",
    };
    private readonly Option<bool> _force = new("--force")
    {
        Description = "Train even if the data looks wrong: parts taken for classes, classes without samples.",
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print one line of JSON per trial." };

    public static Command Create() => new SweepCommand().Command();

    private Verb Command()
    {
        var command = new Verb(
            "sweep",
            "Trains with many combinations of options to find the best ones, or the best tradeoffs between accuracy and energy.",
            "msvit sweep --data shapes:1000 --epochs 5 --sampler Grid --report sweep.html",
            "msvit sweep --data photos --vary \"TimeSteps=1|2|4\" --vary LearningRate=log:5e-4..1e-2 --trials 30",
            "msvit sweep --data photos --store \"Host=db;Database=sweeps;Username=me\" --folder /mnt/shared/sweep     "
                + "(on any number of machines)");
        _data.AddTo(command);
        foreach (var option in new Option[]
        {
            _vary, _space, _trials, _time, _epochBudget, _sampler, _pruner, _objectives, _folds, _store, _name, _folder, _keep, _preset,
            _recipe, _set, _epochs, _samples, _seed, _device, _report, _force, _json,
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
        var all = _data.Open(parsed, mlContext, DataPart.Train);
        var data = all.Limit(mlContext, parsed.GetValue(_samples), parsed.GetValue(_seed)).CheckClasses(all);
        var options = Options(parsed, data);
        data.CheckReadable(options.Undecodable);
        var space = Vary.Space(parsed.GetValue(_space), parsed.GetValue(_vary) ?? [], options.Network);
        if (parsed.GetValue(_report) is { } path)
        {
            ModelFile.CheckWritable(path);
        }
        data.WriteReading(error);
        using var interrupt = new Interrupt(
            error, "Stopping at the next step; finished trials are kept. Press Ctrl-C again to quit immediately.");
        var settings = new SweepSettings
        {
            Name = parsed.GetValue(_name)!,
            Options = options,
            Reading = data.Reading,
            Trials = parsed.GetValue(_trials),
            TimeBudget = parsed.GetValue(_time) is { } time ? Duration.Parse(time) : null,
            EpochBudget = parsed.GetValue(_epochBudget),
            Sampler = parsed.GetValue(_sampler),
            Pruner = parsed.GetValue(_pruner),
            Objectives = parsed.GetValue(_objectives) is { Length: > 0 } objectives
                ? objectives
                : [SweepObjective.Accuracy, SweepObjective.Energy],
            Folds = parsed.GetValue(_folds),
            Store = parsed.GetValue(_store),
            Folder = parsed.GetValue(_folder),
            KeepModels = parsed.GetValue(_keep),
            Seed = parsed.GetValue(_seed),
            CancellationToken = interrupt.Token,
        };
        using var result = SweepDisplay.Show(error, mlContext, tell =>
            UsageException.Check(() => mlContext.MulticlassClassification.SweepMsVit(data.View, space, settings with { Progress = tell })));
        if (parsed.GetValue(_report) is { } file)
        {
            SweepReport.Write(file, result, $"Sweep on {data.Name}");
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
            return result.Best is not null ? ExitCode.Success : throw new InvalidDataException(
                $"No trial succeeded. The first error: {result.Trials.First(trial => trial.Failure is not null).Failure} "
                + "Once that is fixed, give the sweep another --name.");
        }
        error.WriteLine($"The sweep is not complete. To resume, run the same command again: {CommandWords.Again(parsed)}");
        return interrupt.Token.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success;
    }

    private MsVitOptions Options(ParseResult parsed, OpenedData data)
    {
        var options = new MsVitOptions
        {
            Network = data.Preset(parsed.GetValue(_preset)),
            Recipe = Settings.Recipe(parsed.GetValue(_recipe)!),
            Device = parsed.GetValue(_device)!,
            Undecodable = _data.Reading.Undecodable(parsed) ?? UndecodableImagePolicy.Throw,
        };
        if (parsed.GetValue(_epochs) is { } epochs)
        {
            options.Recipe = options.Recipe with { MaxEpoch = epochs };
        }
        options = Settings.Set(options, parsed.GetValue(_set) ?? []);
        data.CheckFits(options.Network);
        return options;
    }
}
