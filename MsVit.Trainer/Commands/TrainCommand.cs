using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Data;
using MsVit.Trainer.Ranks;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit train</c>: from a data set to a saved model.</summary>
internal sealed class TrainCommand
{
    private const string Published = "published";

    private readonly DataOptions _data = new();
    private readonly Option<string?> _test = new("--test")
    {
        Description =
            "Data to evaluate the finished model on. By default the test part of --data, if it has one (test/ beside train/, CIFAR's "
            + "test_batch.bin).",
        HelpName = "path",
    };
    private readonly Option<string?> _preset = new Option<string?>("--preset")
    {
        Description = "The network; 'msvit presets' lists them. By default that of --start-from; else that of a starting model for images, "
            + "and laptop-dvs for recordings.",
        HelpName = "name",
    }.Completed(Names.Presets);
    private readonly Option<string?> _startFrom = new Option<string?>("--start-from")
    {
        Description = "A trained model to fine-tune, a file that 'msvit export --format Starter' wrote, or a starting model that "
            + "'msvit presets' lists. Its network is kept. By default, images without --preset and --recipe start from the starting model "
            + "that fits their size.",
        HelpName = "name|file",
    }.Completed(Names.Starters);
    private readonly Option<bool> _fromScratch = new("--from-scratch")
    {
        Description = "Start from random weights: by default with laptop-32 and the recipe laptop.",
    };
    private readonly Option<string?> _recipe = new Option<string?>("--recipe")
    {
        Description = "How to train: imagenet, cifar, dvs128-gesture, cifar10-dvs, laptop, fine-tune, starter-64, or a JSON file. "
            + "By default one for the number of images if training begins from a starting model, else laptop.",
        HelpName = "name|file",
    }.Completed(Names.Recipes);
    private readonly Option<string[]> _set = Settings.CreateSet(
        "Sets any option of network, recipe or training, such as TimeSteps=2 or Images.CropPadding=0.");
    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "Passes over the data; short for --set MaxEpoch=N.",
        HelpName = "N",
    };
    private readonly Option<string?> _time = new("--time-budget")
    {
        Description = "How long to train, reading the data included, such as 15m or 2h; the schedule is adjusted to fit. The evaluation "
            + "on test data comes on top.",
        HelpName = "time",
    };
    private readonly Option<int> _samples = new("--max-samples")
    {
        Description = "The most samples to train on, drawn at random; 0 for all.",
        HelpName = "N",
    };
    private readonly Option<double?> _validation = new("--validation-fraction")
    {
        Description = "The share of each class that is held out to choose the best epoch; 0 for none. By default 0.1, or what suits the "
            + "number of images if the recipe is chosen by it.",
        HelpName = "share",
    };
    private readonly Option<string> _protocol = Protocol();
    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Fixes the initial weights, the order and the augmentation.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };
    private readonly DeviceOption _device = DeviceOption.Create();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Where to save the model. By default the name of the data and the network, such as photos-starter-64.zip.",
        HelpName = "file",
    };
    private readonly Option<bool> _force = new("--force")
    {
        Description = "Replace an existing model, and train even if the data looks wrong, such as a class without samples.",
    };
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "The folder for checkpoints, until the run is done. By default the name of the output plus .run.",
        HelpName = "folder",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Resume the interrupted run." };
    private readonly Option<bool> _restart = new("--restart") { Description = "Discard the interrupted run and start over." };
    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "A folder for the cache of decoded recordings, and of the outputs of --teacher.",
        HelpName = "folder",
    };
    private readonly Option<string?> _log = new("--log")
    {
        Description = "A folder for epochs.csv, epochs.jsonl and TensorBoard files.",
        HelpName = "folder",
    };
    private readonly Option<string?> _report = new("--report")
    {
        Description = "Write a report of the run as an HTML file.",
        HelpName = "file",
    };
    private readonly TeacherOptions _teacher = new();
    private readonly RankOptions _ranks = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print one line of JSON per epoch and one for the result." };

    public static Command Create() => new TrainCommand().Command();

    private Verb Command()
    {
        var command = new Verb(
            "train",
            "Trains a network on images or event recordings and saves it.",
            "msvit train --data shapes:2000 --epochs 5",
            "msvit train --data cifar-10-batches-bin --time-budget 15m --output cifar10.zip --report cifar10.html",
            "msvit train --data photos --test photos-test --set TimeSteps=4 --set Depths=1,1,2",
            "msvit train --data photos --teacher resnet18-features.onnx --unlabeled more-photos",
            "msvit train --data photos --resume",
            "msvit train --data photos --devices all",
            "mpiexec -np 8 msvit train --data imagenet --preset imagenet-10-512");
        _data.AddTo(command);
        foreach (var option in new Option[]
        {
            _test, _preset, _startFrom, _fromScratch, _recipe, _set, _epochs, _time, _samples, _validation, _protocol, _seed, _device,
            _output, _force, _checkpoint, _resume, _restart, _cache, _log, _report, _json,
        })
        {
            command.Add(option);
        }
        _teacher.AddTo(command);
        _ranks.AddTo(command);
        command.SetAction(parsed => _ranks.Run(parsed, ranks => Run(parsed, ranks)));
        return command;
    }

    private int Run(ParseResult parsed, RankGroup ranks)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var mlContext = new MLContext(seed: parsed.GetValue(_seed));
        var all = _data.Open(parsed, mlContext, DataPart.Train);
        var (options, chosen) = Options(parsed, mlContext, all);
        all.CheckReadable(options.Undecodable);
        var teacher = _teacher.Of(parsed, all, options.Recipe, parsed.GetValue(_cache));
        var unlabeled = _teacher.Unlabeled(parsed, all);
        using var start = options.StartFrom as IDisposable;
        options.Group = ranks;
        var model = parsed.GetValue(_output) ?? ModelName.Of(_data.Path(parsed), all.Format, options.Network);
        using var folder = ranks.IsFirst ? Claim(parsed, model) : null;
        var train = all.Limit(mlContext, parsed.GetValue(_samples), parsed.GetValue(_seed)).CheckClasses(all);
        var test = Test(parsed, mlContext, all);
        if (ranks.IsFirst)
        {
            TestOverlap.Tell(error, all, test, unlabeled);
        }
        if (options.EpochChoice == EpochChoice.TestSet && test is null)
        {
            throw new UsageException(
                $"--protocol {Published} chooses the best epoch on the test set, but {all.Path} has none: add --test.");
        }
        if (test is not null)
        {
            test = ClassNames.Match(mlContext, test, ClassNames.Of(train), line => error.WriteLine($"warning: {line}"));
        }
        var again = $"{CommandWords.Again(parsed, "--resume", "--restart")} --resume";
        var settings = new TrainSettings
        {
            Train = train,
            Test = test,
            Options = options,
            Chosen = chosen,
            Output = model,
            Cache = parsed.GetValue(_cache),
            Teacher = teacher,
            Unlabeled = unlabeled.Count > 0
                ? ImageFolderDataView.Create([.. unlabeled.Select(file => new ImageFile(file.Path, ""))])
                : null,
            Report = parsed.GetValue(_report),
            Json = parsed.GetValue(_json),
            ResumeCommand = ranks.Size == 1 || _ranks.Starts(parsed) ? again : $"mpiexec -np {ranks.Size} {again}",
        };
        if (folder is null)
        {
            return TrainMember.Run(mlContext, settings);
        }
        if (parsed.GetValue(_restart))
        {
            folder.Clear();
        }
        return new TrainRun(mlContext, settings, folder, output, error).Run();
    }

    // Only rank 0 writes. What stands in its way is found before the data are read.
    private RunFolder Claim(ParseResult parsed, string model)
    {
        ModelFile.CheckPlace(model);
        var folder = RunFolder.Claim(parsed.GetValue(_checkpoint) ?? model + ".run", usual: model + ".run");
        try
        {
            CheckRun(parsed, folder);
            ModelFile.CheckReplaces(model, mayReplace: parsed.GetValue(_force) || folder.HasSaved(model));
            if (parsed.GetValue(_report) is { } report)
            {
                ModelFile.CheckWritable(report);
            }
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static Option<string> Protocol()
    {
        var option = new Option<string>("--protocol")
        {
            Description =
                "Which data choose the best epoch: validation (held-out training data), or published (the test set, to compare with "
                + "published results).",
            DefaultValueFactory = _ => "validation",
            HelpName = "name",
        };
        option.AcceptOnlyFromAmong("validation", Published);
        return option;
    }

    // The options, and a line about what was chosen for the images; null if the command line chooses by itself.
    private (MsVitOptions Options, string? Chosen) Options(ParseResult parsed, MLContext mlContext, OpenedData data)
    {
        if (parsed.GetValue(_fromScratch) && parsed.GetValue(_startFrom) is not null)
        {
            throw new UsageException("Use either --from-scratch or --start-from, not both.");
        }
        var start = parsed.GetValue(_startFrom) is { } file ? StartFile.Load(mlContext, file) : null;
        var choice = Choice(parsed, data, start);
        start ??= choice?.Starter is { } card ? MsVitStarter.Load(card.Name) : null;
        var (preset, own) = (parsed.GetValue(_preset), start?.FindMsVit().Network);
        var options = new MsVitOptions
        {
            Network = preset is null && own is not null ? own : data.Preset(preset),
            Recipe = Settings.Recipe(parsed.GetValue(_recipe) ?? "laptop"),
            Seed = parsed.GetValue(_seed),
            Device = parsed.GetValue(_device)!,
            EpochChoice = parsed.GetValue(_protocol) == Published ? EpochChoice.TestSet : EpochChoice.Validation,
            LogPath = parsed.GetValue(_log),
            TeacherColumnName = _teacher.Column(parsed),
            Undecodable = _data.Reading.Undecodable(parsed) ?? UndecodableImagePolicy.Throw,
            StartFrom = start,
        };
        if (parsed.GetValue(_validation) is { } fraction)
        {
            options.ValidationFraction = fraction;
        }
        choice?.ApplyTo(options);
        if (parsed.GetValue(_epochs) is { } epochs)
        {
            options.Recipe = options.Recipe with { MaxEpoch = epochs };
        }
        if (parsed.GetValue(_time) is { } time)
        {
            options.Recipe = options.Recipe with { TimeBudget = Duration.Parse(time) };
        }
        options = Settings.Set(options, parsed.GetValue(_set) ?? []);
        if (own is not null && StartingModel.Differences(options.Network, own).ToArray() is { Length: > 0 } differences)
        {
            throw new UsageException($"--start-from {parsed.GetValue(_startFrom)} has the network {own.Name}, which "
                + $"{(preset is null ? "--set" : $"--preset {preset}")} contradicts: {string.Join("; ", differences)}. "
                + "Leave these options out to fine-tune that network, or leave --start-from out to train another.");
        }
        // The name of a preset with the same values is not that of the model.
        options.Network = own is null ? options.Network : StartingModel.Resized(options.Network, own);
        data.CheckFits(options.Network);
        _ = _teacher.Of(parsed, data, options.Recipe, parsed.GetValue(_cache));
        // Rejects invalid options before any data is read.
        _ = UsageException.Check(() => mlContext.MulticlassClassification.Trainers.MsVit(options));
        return (options, choice?.Line(options, $"{parsed.GetValue(_startFrom)}", "--from-scratch"));
    }

    // Whoever names a network or a recipe gets it; an epoch, a rate or the size of the input changes what is chosen.
    private DefaultStart? Choice(ParseResult parsed, OpenedData data, ITransformer? start)
    {
        var (words, given) = (parsed.GetValue(_set) ?? [], start?.FindMsVit());
        var keys = Settings.Keys(words);
        if (data.IsEvents || parsed.GetValue(_preset) is not null || parsed.GetValue(_recipe) is not null
            || parsed.GetValue(_fromScratch) || given is { Model.Card.IsHeadless: false }
            || keys.Any(key => key.IsPart || key.Part == nameof(MsVitOptions.Network) && !StartingModel.IsFree(key.Path)))
        {
            return null;
        }
        var set = Settings.Set(new(), words);
        if (set.FromScratch || !set.HasPlainPixels
            || InputSurvey.Of(data.View, ImageColumns.Label, ImageColumns.Image) is not { Rows: > 0 } survey)
        {
            return null;
        }
        var isSized = keys.Any(key => key.Path is nameof(MsVitConfig.Height) or nameof(MsVitConfig.Width));
        var images = parsed.GetValue(_samples) is > 0 and var most ? Math.Min(most, survey.Rows) : survey.Rows;
        var side = isSized ? Math.Max(set.Network.Height, set.Network.Width) : survey.ShorterSide;
        return DefaultStart.For(
            images, ClassNames.Of(data).Count, side, given?.Network, network => Settings.Set(new() { Network = network }, words).Network);
    }

    private OpenedData? Test(ParseResult parsed, MLContext mlContext, OpenedData train)
    {
        if (parsed.GetValue(_test) is { } path)
        {
            return _data.OpenOther(parsed, mlContext, path, DataPart.Test, train);
        }
        var given = _data.Path(parsed);
        var hasOwn = train.Format is DataFormat.Cifar10 or DataFormat.Cifar100 && Directory.Exists(given)
            && CifarFiles.Of(given, DataPart.Test).Length > 0;
        return hasOwn ? _data.OpenOther(parsed, mlContext, given, DataPart.Test, train) : train.TestPart(mlContext);
    }

    private void CheckRun(ParseResult parsed, RunFolder folder)
    {
        var (resume, restart) = (parsed.GetValue(_resume), parsed.GetValue(_restart));
        if (resume && restart)
        {
            throw new UsageException("Use either --resume or --restart, not both.");
        }
        if (folder.HasRun && !resume && !restart)
        {
            throw new UsageException(
                $"{folder.Path} has an interrupted run: add --resume to resume it, or --restart to start over.");
        }
        if (resume && !folder.HasRun)
        {
            throw new UsageException($"There is no run to resume in {folder.Path}.");
        }
        if (restart)
        {
            folder.CheckClearable();
        }
    }
}
