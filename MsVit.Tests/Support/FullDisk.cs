using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Tests.Support;

/// <summary>A training run whose disk becomes full, for a process with a small disk of its own.</summary>
internal static class FullDisk
{
    public const string Epoch = "epoch";
    public const string Weights = "weights";
    public const string Unwritten = "could not be written";
    public const string Code = "code";
    public const string Files = "files";

    /// <summary>Trains while the disk is full from the end of the second epoch on, then again from what is left; prints notices, epochs
    /// and weights.</summary>
    public static void Train(string disk)
    {
        var filler = Path.Combine(disk, "filler");
        Run(disk, report =>
        {
            if (report.Epoch == 2 && report.EpochEnded && !File.Exists(filler))
            {
                Fill(filler);
            }
        });
        File.Delete(filler);
        Run(disk, report => Console.WriteLine($"{Epoch} {report.Epoch}"));
    }

    /// <summary>The same with 'msvit train': prints what it says, and what is on the disk after each of the two runs.</summary>
    public static void TrainByCommand(string disk)
    {
        var (model, filler) = (Path.Combine(disk, "m.zip"), Path.Combine(disk, "filler"));
        string[] train = ["train", "--data", "shapes:40", "--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1",
            "--set", "Depths=1,1", "--device", "cpu", "--epochs", "4", "--validation-fraction", "0", "--output", model];
        var filled = false;
        using var error = new LineWriter(line =>
        {
            Console.WriteLine(line);
            if (line.StartsWith("epoch   2/", StringComparison.Ordinal) && !filled)
            {
                Fill(filler);
                filled = true;
            }
        });
        foreach (var words in new string[][] { [], ["--resume"] })
        {
            Console.WriteLine($"{Code} {MsVit.Trainer.CommandLine.Run([.. train, .. words], TextWriter.Null, error)}");
            File.Delete(filler);
            Console.WriteLine($"{Files} {string.Join(' ', Directory.EnumerateFiles(disk, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(disk, file)).Order(StringComparer.Ordinal))}");
        }
    }

    public static MsVitOptions Options(string? disk) => DotTask.Options(options =>
    {
        options.Recipe = DotTask.Recipe with { MaxEpoch = 5, WeightAverageDecay = 0.9 };
        options.CheckpointPath = disk is null ? null : Path.Combine(disk, "run");
    });

    public static string Fit(MLContext ml, MsVitOptions options)
    {
        using var model = (IDisposable)DotTask.Pipeline(ml, options).Fit(DotTask.Data(ml, 120));
        return KilledRun.Weights((ITransformer)model);
    }

    private static void Run(string disk, Action<MLNet.TrainingProgress> progress)
    {
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (e.Message.Contains(Unwritten, StringComparison.Ordinal))
            {
                Console.WriteLine(e.Message.ReplaceLineEndings(" "));
            }
        };
        var options = Options(disk);
        options.Progress = progress;
        Console.WriteLine($"{Weights} {Fit(ml, options)}");
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        // Whole pages, then what is left of the last one.
        foreach (var size in new[] { 4096, 1 })
        {
            var block = new byte[size];
            try
            {
                while (true)
                {
                    file.Write(block);
                }
            }
            catch (IOException)
            {
                // The disk is full: that is what was wanted.
            }
        }
    }

    private sealed class LineWriter(Action<string> line) : StringWriter
    {
        public override void Write(char value)
        {
            if (value != '\n')
            {
                base.Write(value);
                return;
            }
            var text = ToString().TrimEnd('\r');
            GetStringBuilder().Clear();
            line(text);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            foreach (var value in buffer.AsSpan(index, count))
            {
                Write(value);
            }
        }

        public override void Write(string? value)
        {
            foreach (var character in value ?? "")
            {
                Write(character);
            }
        }
    }
}
