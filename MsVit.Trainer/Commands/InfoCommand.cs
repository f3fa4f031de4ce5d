using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Runs;
using TorchSharp;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit info</c>: versions, devices, native library and memory, as a bug report should include them.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("model") { Description = "A saved model to describe instead.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Verb(
            "info",
            "Prints versions, devices, the native library and memory, or describes a saved model.",
            "msvit info",
            "msvit info model.zip",
            "msvit info --json")
        {
            model, json,
        };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var facts = parsed.GetValue(model) is { } file ? Model(file) : Facts();
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonLine.Of(facts));
                return ExitCode.Success;
            }
            foreach (var (name, value) in facts)
            {
                output.WriteLine($"{name,-16} {value}");
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject Model(string path)
    {
        var loaded = ModelFile.Load(new MLContext(seed: 1), path);
        using var disposable = loaded as IDisposable;
        var pipeline = MsVitPipeline.Of(loaded);
        var trained = pipeline.Model;
        var network = trained.Network;
        using var file = File.OpenRead(path);
        return new()
        {
            ["network"] = network.Name,
            ["parameters"] = trained.ParameterCount,
            ["timeSteps"] = network.TimeSteps,
            ["input"] = $"{network.Channels} x {network.Height} x {network.Width}",
            ["column"] = trained.InputColumnName,
            ["depths"] = string.Join(", ", network.Depths),
            ["embedDim"] = network.EmbedDim,
            ["neuron"] = network.Neuron.ToString(),
            ["classes"] = trained.Labels.Count,
            ["labels"] = string.Join(", ", trained.Labels),
            ["training"] = trained.TrainingSummary,
            ["steps"] = string.Join(", ", pipeline.Steps.Select(part => part.GetType().Name)),
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(file)),
        };
    }

    private static JsonObject Facts()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        NativeTorch.EnsureLoaded();
        var gpus = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return new()
        {
            ["msvit"] = Version(typeof(MsVitTrainer)),
            ["torchSharp"] = Version(typeof(torch)),
            ["mlNet"] = Version(typeof(MLContext)),
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["system"] = $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})",
            ["cores"] = Environment.ProcessorCount,
            ["torchThreads"] = torch.get_num_threads(),
            ["libtorch"] = NativeFile(),
            ["gpus"] = gpus,
            ["fusedAdamW"] = FusedTrial.Failure(TorchDispatcher.OfThisProcess, torch.CPU) is { } reason ? $"no: {reason}" : "yes",
            ["memoryGiB"] = Math.Round(memory / (double)(1L << 30), 1),
            ["processor"] = string.Join(' ', new (string Name, bool Has)[]
            {
                ("AVX2", System.Runtime.Intrinsics.X86.Avx2.IsSupported), ("AVX512", System.Runtime.Intrinsics.X86.Avx512F.IsSupported),
                ("NEON", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported),
            }.Where(part => part.Has).Select(part => part.Name)),
            ["convolutions"] = OneDnnKernels.AreLimited ? "AVX, since this virtual machine hides its CPU's caches" : "all of oneDNN's",
        };
    }

    // The library that is actually loaded.
    private static string NativeFile()
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Select(module => module.FileName)
            .FirstOrDefault(path => Path.GetFileName(path).Contains("torch_cpu", StringComparison.OrdinalIgnoreCase))
            ?? "not found among the modules of the process";
    }

    private static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? type.Assembly.GetName().Version!.ToString();
}
