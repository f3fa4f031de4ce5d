using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MsVit.MLNet;

/// <summary>An ONNX model in ONNX Runtime, from samples to probabilities. Thread-safe, but for <see cref="Dispose"/>.</summary>
/// <remarks>
/// The values that a call passes in and out are kept for the next one. Threads that wait for work sleep: spinning ones would take the
/// cores from the application, and from each other where there are several models.
/// </remarks>
internal sealed class OnnxSession : IDisposable
{
    private const string NativePackage = "Microsoft.ML.OnnxRuntime";

    private readonly InferenceSession _session;
    private readonly RunOptions _run;
    private readonly ConcurrentBag<Call> _calls = [];
    private readonly string _source;
    private readonly string[] _input, _output;
    private readonly int[] _sample;
    private readonly int _classes;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="input">The name of the input.</param>
    /// <param name="sample">The shape of one sample: the input's, without the batch.</param>
    /// <param name="output">The name of the probabilities.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="threads">How many threads compute, 1 or more.</param>
    /// <exception cref="InvalidDataException">The graph is damaged, or does not have that input and output.</exception>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    public OnnxSession(byte[] model, string source, string input, int[] sample, string output, int classes, int threads)
    {
        (_source, _input, _sample, _output, _classes) = (source, [input], sample, [output], classes);
        _session = Open(model, source, threads);
        _run = new();
        var fault = Fault("input", input, _session.InputMetadata, [-1, .. sample])
            ?? Fault("output", output, _session.OutputMetadata, [-1, classes]);
        if (fault is not null)
        {
            Dispose();
            throw new InvalidDataException($"{source} is damaged or was modified: {fault} {OnnxFile.ExportAgain}");
        }
    }

    /// <summary>Makes sure that ONNX Runtime can be loaded.</summary>
    /// <param name="source">What needs it, for messages.</param>
    /// <exception cref="DllNotFoundException">The application lacks ONNX Runtime's native library.</exception>
    public static void RequireNative(string source)
    {
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (Exception e) when (IsOfLoading(e))
        {
            throw Missing(source, e);
        }
    }

    /// <summary>The probabilities [B, classes] of samples [B, ...].</summary>
    /// <param name="samples">As bytes or floats, in the order of the shape.</param>
    /// <param name="isFloat">Whether they are floats.</param>
    /// <param name="count">B.</param>
    public float[] Score(ReadOnlySpan<byte> samples, bool isFloat, int count) => Run(samples, isFloat, count, call =>
    {
        _session.Run(_run, _input, [call.Input!], _output, [call.Output!]);
        return call.Scores.ToArray();
    });

    /// <summary>Other outputs of one sample.</summary>
    /// <param name="sample">As bytes or floats, in the order of the shape.</param>
    /// <param name="isFloat">Whether they are floats.</param>
    /// <param name="outputs">The names of the outputs, each once.</param>
    /// <param name="see">Receives each of them as floats; the values are valid only during the call.</param>
    public void Observe(ReadOnlySpan<byte> sample, bool isFloat, string[] outputs, Action<string, ReadOnlySpan<float>> see) =>
        _ = Run(sample, isFloat, 1, call =>
        {
            using var results = _session.Run(_run, _input, [call.Input!], outputs);
            foreach (var (name, value) in outputs.Zip(results))
            {
                if (value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
                {
                    see(name, value.GetTensorDataAsSpan<float>());
                    continue;
                }
                var bytes = value.GetTensorDataAsSpan<byte>();
                var floats = new float[bytes.Length];
                Widen(bytes, floats);
                see(name, floats);
            }
            return 0;
        });

    /// <summary>What is wrong with an output of floats or bytes; null if nothing is.</summary>
    public string? OutputFault(string name) =>
        !_session.OutputMetadata.TryGetValue(name, out var node) ? $"its graph has no output '{name}'."
        : node.IsTensor && (node.ElementType == typeof(float) || node.ElementType == typeof(byte)) ? null
        : $"output '{name}' of its graph holds neither floats nor bytes.";

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_calls.TryTake(out var call))
        {
            call.Dispose();
        }
        _run.Dispose();
        _session.Dispose();
    }

    private T Run<T>(ReadOnlySpan<byte> samples, bool isFloat, int count, Func<Call, T> run)
    {
        var call = _calls.TryTake(out var kept) ? kept : new Call();
        call.Resize(_sample, _classes, count);
        if (isFloat)
        {
            MemoryMarshal.Cast<byte, float>(samples).CopyTo(call.Samples);
        }
        else
        {
            Widen(samples, call.Samples);
        }
        try
        {
            var result = run(call);
            _calls.Add(call);
            return result;
        }
        catch (OnnxRuntimeException e)
        {
            call.Dispose();
            throw new InvalidOperationException($"ONNX Runtime cannot run {_source}: {e.Message}", e);
        }
    }

    private static void Widen(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            floats[i] = bytes[i];
        }
    }

    private static InferenceSession Open(byte[] model, string source, int threads)
    {
        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            // Files of ONNX Runtime's other format would not be checked for what they load.
            options.AddSessionConfigEntry("session.load_model_format", "ONNX");
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            return new(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"{source} cannot be loaded by ONNX Runtime: {e.Message} {OnnxFile.ExportAgain}", e);
        }
        catch (Exception e) when (IsOfLoading(e))
        {
            throw Missing(source, e);
        }
    }

    private static bool IsOfLoading(Exception e) => e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException;

    private static DllNotFoundException Missing(string source, Exception e)
    {
        var version = typeof(OnnxSession).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(entry => entry.Key == "OnnxRuntimeVersion").Value;
        return new(
            $"{source} needs ONNX Runtime's native library, which cannot be loaded: {e.GetBaseException().Message} "
            + $"Add the package to the application: dotnet add package {NativePackage} --version {version}", e);
    }

    private static string? Fault(string kind, string name, IReadOnlyDictionary<string, NodeMetadata> found, int[] shape) =>
        !found.TryGetValue(name, out var node) ? $"its graph has no {kind} '{name}'."
        : node.IsTensor && node.ElementType == typeof(float) && node.Dimensions.SequenceEqual(shape) ? null
        : $"its metadata state that {kind} '{name}' is float [{string.Join(", ", shape)}], but in its graph it is "
            + (node.IsTensor ? $"{node.ElementType.Name} [{string.Join(", ", node.Dimensions)}]." : "not a tensor.");

    /// <summary>The values that one call at a time passes in and out.</summary>
    private sealed class Call : IDisposable
    {
        private float[] _samples = [], _scores = [];
        private int _count;

        public OrtValue? Input { get; private set; }

        public OrtValue? Output { get; private set; }

        public Span<float> Samples => _samples;

        public ReadOnlySpan<float> Scores => _scores;

        public void Resize(int[] sample, int classes, int count)
        {
            if (count == _count)
            {
                return;
            }
            Dispose();
            _count = count;
            var length = sample.Aggregate(count, (product, size) => checked(product * size));
            _samples = GC.AllocateUninitializedArray<float>(length, pinned: true);
            _scores = GC.AllocateUninitializedArray<float>(checked(count * classes), pinned: true);
            Input = OrtValue.CreateTensorValueFromMemory(_samples, [count, .. sample]);
            Output = OrtValue.CreateTensorValueFromMemory(_scores, [count, classes]);
        }

        public void Dispose()
        {
            Input?.Dispose();
            Output?.Dispose();
        }
    }
}
