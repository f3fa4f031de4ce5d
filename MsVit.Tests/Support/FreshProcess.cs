using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Samples;
using MsVit.Tests.Distributed;
using MsVit.Trainer;

namespace MsVit.Tests.Support;

/// <summary>What the test assembly does when it is started as a program: the other process of the tests that need one.</summary>
internal static class FreshProcess
{
    public const string ScoreVerb = "score";
    public const string TrainVerb = "train";
    public const string FullDiskVerb = "full-disk";
    public const string FullDiskCommandVerb = "full-disk-command";
    public const string ExitVerb = "exit";
    public const string Leaving = "leaving";
    public const string SpillVerb = "spill";
    public const string Ready = "ready";
    public const string CliVerb = "msvit";
    public const string SweepVerb = "sweep";
    public const string SampleVerb = "sample";
    public const string ProgramVerb = "program";
    public const string RankVerb = "rank";
    public const string SuiteVerb = "suite";
    public const string OnnxVerb = "onnx";
    public const int Rows = 40;

    public static int Main(string[] args)
    {
        switch (args)
        {
            case [ScoreVerb, var path]:
                // Nothing of the library is named here: ML.NET finds it by what the model says.
                var mlContext = new MLContext();
                var model = mlContext.Model.Load(path, out _);
                Console.WriteLine(Fingerprint(DotTask.Scores(model.Transform(DotTask.Data(mlContext, Rows)))));
                return 0;
            case [TrainVerb, var folder]:
                KilledRun.Train(folder);
                return 0;
            case [FullDiskVerb, var disk]:
                FullDisk.Train(disk);
                return 0;
            case [FullDiskCommandVerb, var small]:
                FullDisk.TrainByCommand(small);
                return 0;
            case [CliVerb, .. var words]:
                return CommandLine.Run(words, Console.Out, Console.Error);
            case [SampleVerb, .. var words]:
                return RootCommandLine.Invoke(words);
            case [ProgramVerb, var assembly]:
                // Another program, with this one's libraries.
                return System.Reflection.Assembly.LoadFrom(assembly).EntryPoint!.Invoke(null, [Array.Empty<string>()]) as int? ?? 0;
            case [SweepVerb, var store, var models]:
                SweepWorker.Work(store, models);
                return 0;
            case [RankVerb, .. var words]:
                return RankWorker.Run(words);
            case [SuiteVerb, var log, var seconds, var pattern]:
                SuiteRun.Run(log, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), pattern);
                return 0;
            case [OnnxVerb, var onnx, var image]:
                return OnnxAlone.Predict(onnx, image);
            case [ExitVerb]:
                LivingTensors.Make();
                Console.WriteLine(Leaving);
                return 0;
            case [SpillVerb, var spilled]:
                // Holds a file of samples until it is killed, or its standard input is closed.
                using (SpillFile.Create(spilled))
                {
                    Console.WriteLine(Ready);
                    Console.ReadLine();
                }
                return 0;
            default:
                Console.Error.WriteLine($"usage: {ScoreVerb} MODEL | {TrainVerb} FOLDER | {FullDiskVerb} FOLDER | "
                    + $"{FullDiskCommandVerb} FOLDER | {SpillVerb} FOLDER | {SweepVerb} STORE FOLDER | "
                    + $"{CliVerb} ... | {SampleVerb} ... | {ProgramVerb} FILE | {RankVerb} ... | "
                    + $"{SuiteVerb} LOG SECONDS PATTERN | {OnnxVerb} MODEL IMAGE | {ExitVerb}");
                return 2;
        }
    }

    /// <summary>Starts the test assembly as a program; its output is read by the caller.</summary>
    public static Process Start(params string[] arguments) => StartIn(Environment.CurrentDirectory, arguments);

    /// <summary>The same, in another working directory.</summary>
    public static Process StartIn(string folder, params string[] arguments) => Process.Start(Command(folder, arguments))!;

    /// <summary>The same, with variables that replace those of this process.</summary>
    public static Process StartWith(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var command = Command(Environment.CurrentDirectory, arguments);
        foreach (var (name, value) in variables)
        {
            command.Environment[name] = value;
        }
        return Process.Start(command)!;
    }

    /// <summary>The same, with a standard input that the caller writes.</summary>
    public static Process StartFed(params string[] arguments)
    {
        var command = Command(Environment.CurrentDirectory, arguments);
        command.RedirectStandardInput = true;
        return Process.Start(command)!;
    }

    private static ProcessStartInfo Command(string folder, string[] arguments)
    {
        // Published for Windows, the tests carry their own runtime, and there may be no dotnet.
        var assembly = typeof(FreshProcess).Assembly.Location;
        // Tests that nohup started would pass on that SIGHUP is ignored.
        var (program, first) = OperatingSystem.IsWindows() ? (Path.ChangeExtension(assembly, ".exe"), Array.Empty<string>())
            : OperatingSystem.IsLinux() ? ("env", ["--default-signal=HUP", "dotnet", assembly])
            : ("dotnet", [assembly]);
        return new ProcessStartInfo(program, [.. first, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Several of them at once would wait for each other's threads more than they compute.
            Environment = { ["OMP_NUM_THREADS"] = "1" },
        };
    }

    /// <summary>Asks a process to end, as Ctrl-C does; SIGINT itself is ignored by what a shell runs in the background.</summary>
    /// <param name="process">The process.</param>
    /// <param name="signal">Another signal than TERM, the default.</param>
    public static void Terminate(Process process, string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public static string Fingerprint(float[][] scores) =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(scores.SelectMany(row => row).ToArray().AsSpan())));
}
