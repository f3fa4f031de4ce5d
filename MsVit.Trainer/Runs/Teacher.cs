using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using MsVit.MLNet;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>What <c>--teacher</c> and its options say.</summary>
internal sealed record TeacherSettings
{
    /// <summary>An ONNX model, or a NumPy array of one vector per image.</summary>
    public required string Path { get; init; }

    /// <summary>An ONNX model that prepares the images for it; null for none.</summary>
    public string? Preparation { get; init; }

    /// <summary>The output of the model; null for its only one.</summary>
    public string? Output { get; init; }

    /// <summary>The size of its input; null for that of the file.</summary>
    public (int Width, int Height)? Size { get; init; }

    /// <summary>How pixels become its input; null for Raw with a model of 'msvit export' or a preparation, and ImageNet with
    /// any other.</summary>
    public TeacherPixels? Pixels { get; init; }

    /// <summary>The folder for the vectors; null for that of the model.</summary>
    public string? Cache { get; init; }
}

/// <summary>How pixels from 0 to 255 become the input of a teacher.</summary>
internal enum TeacherPixels
{
    /// <summary>From 0 to 1, then ImageNet's mean is subtracted and the result divided by its deviation.</summary>
    ImageNet,

    /// <summary>From 0 to 1.</summary>
    Unit,

    /// <summary>As they are.</summary>
    Raw,
}

/// <summary>The vectors of a teacher for the rows of a data set.</summary>
internal sealed class Teacher : IDisposable
{
    private static readonly (float[] Mean, float[] Deviation) ImageNet = ([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
    private static readonly (float[] Mean, float[] Deviation) GrayImageNet = ([0.449f], [0.226f]);

    private readonly TeacherCache? _cache;
    private readonly Func<long, float[]> _vector;

    private Teacher(int width, Func<long, float[]> vector, TeacherCache? cache) => (Width, _vector, _cache) = (width, vector, cache);

    /// <param name="width">Values per vector.</param>
    /// <param name="vector">The vector of a row.</param>
    public Teacher(int width, Func<long, float[]> vector)
        : this(width, vector, cache: null)
    {
    }

    /// <summary>Values per vector.</summary>
    public int Width { get; }

    /// <summary>The vector of a row.</summary>
    public float[] Vector(long row) => _vector(row);

    /// <summary>Finds the vectors of all rows: in a file of vectors, in the cache, or by running the model.</summary>
    /// <param name="settings">The teacher.</param>
    /// <param name="options">How images are fitted, and what is done with one that cannot be read.</param>
    /// <param name="rows">The images.</param>
    /// <param name="mlContext">The context of the rows.</param>
    /// <param name="error">Where to show the progress.</param>
    /// <exception cref="InvalidDataException">The file is not such a teacher; the message says why.</exception>
    public static Teacher Of(TeacherSettings settings, MsVitOptions options, IDataView rows, MLContext mlContext, TextWriter error)
    {
        if (!File.Exists(settings.Path))
        {
            throw new UsageException($"--teacher {settings.Path}: there is no such file.");
        }
        if (Path.GetExtension(settings.Path).Equals(".npy", StringComparison.OrdinalIgnoreCase))
        {
            var array = VectorArray.Read(settings.Path, rows.GetRowCount() ?? 0);
            return new(array.Width, array.Row);
        }
        using var network = new TeacherNetwork(settings.Path, settings.Output, settings.Size, settings.Preparation);
        var asker = new Asker(network, settings, options);
        var cache = new TeacherCache(asker.CachePath, asker.Key, network.Values);
        try
        {
            var keys = LiveBar.Show(error, mlContext, "asking the teacher", bar => asker.Ask(rows, cache, bar));
            return new(network.Values, row => keys[row] is { } key ? cache.Read(key) : new float[network.Values], cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache?.Dispose();

    private sealed class Asker
    {
        private readonly TeacherNetwork _network;
        private readonly MsVitOptions _options;
        private readonly InputConfig _input;
        private readonly float[] _mean, _deviation;

        public Asker(TeacherNetwork network, TeacherSettings settings, MsVitOptions options)
        {
            (_network, _options) = (network, options);
            var pixels = settings.Pixels ?? (network.NormalizesItself ? TeacherPixels.Raw : TeacherPixels.ImageNet);
            var (mean, deviation) = pixels != TeacherPixels.ImageNet
                ? (new float[network.Channels], Enumerable.Repeat(1f, network.Channels).ToArray())
                : network.Channels == 1 ? GrayImageNet : ImageNet;
            var range = pixels == TeacherPixels.Raw ? 1 : options.PixelRange;
            (_mean, _deviation) = ([.. mean.Select(value => value * range)], [.. deviation.Select(value => value * range)]);
            _input = new()
            {
                Height = network.Height,
                Width = network.Width,
                Channels = network.Channels,
                Fit = options.ImageFit,
                CropShare = options.CropShare,
                Mean = [],
                Deviation = [],
                PixelRange = options.PixelRange,
                MaxPixels = options.MaxPixels,
            };
            var how = Invariant($"{network.Output}|{network.Width}x{network.Height}|{pixels}|{options.ImageFit}|{options.CropShare}|")
                + Invariant($"{options.PixelRange}|1");
            Key = SHA256.HashData(
                [
                    .. HashOf(settings.Path),
                    .. settings.Preparation is null ? [] : HashOf(settings.Preparation),
                    .. Encoding.UTF8.GetBytes(how),
                ]);
            var name = $"{Path.GetFileName(settings.Path)}.{Convert.ToHexStringLower(Key)[..8]}.vectors";
            CachePath = Path.Combine(settings.Cache ?? Path.GetDirectoryName(Path.GetFullPath(settings.Path))!, name);
        }

        public string CachePath { get; }

        // Of all that decides the vectors apart from the images.
        public byte[] Key { get; }

        /// <summary>The key of each row's image in the cache, which then has it; null for an image that cannot be read.</summary>
        public UInt128?[] Ask(IDataView rows, TeacherCache cache, LiveBar bar)
        {
            var column = InputColumn.From(rows.Schema[_options.ImageColumnName])!;
            column.CheckFits(_input);
            using var cursor = rows.GetRowCursor(
                rows.Schema.Where(other => other.Name == column.Name || other.Index == InputPath.In(rows.Schema)?.Index));
            var batch = new InputBatch(new InputColumnReader(cursor, column, _input), _network.BatchSize);
            var isEncoded = column.Kind == InputColumnKind.Encoded;
            var keys = new List<UInt128?>();
            var (count, asked, began) = (rows.GetRowCount() ?? 0, 0, Stopwatch.GetTimestamp());
            for (var isMore = true; isMore;)
            {
                batch.Clear();
                while (batch.Count < _network.BatchSize && (isMore = InputFault.MoveNext(cursor)))
                {
                    batch.Capture();
                }
                asked += Ask(batch, isEncoded, keys, cache);
                bar.Move(keys.Count, count, Invariant($"asking the teacher, {keys.Count}/{count} images"));
            }
            cache.Flush();
            bar.Line(Invariant($"Teacher {_network.Path}: {_network.Values} values of {_network.Output} for {keys.Count} images, ")
                + Invariant($"{asked} of them computed now ({Stopwatch.GetElapsedTime(began).TotalSeconds:0} s); kept in {CachePath}."));
            return [.. keys];
        }

        // Files are hashed as they are, so that images that the cache has need not be decoded.
        private int Ask(InputBatch batch, bool isEncoded, List<UInt128?> keys, TeacherCache cache)
        {
            var first = keys.Count;
            if (batch.Count == 0)
            {
                return 0;
            }
            if (!isEncoded)
            {
                batch.Fit(Environment.ProcessorCount);
            }
            for (var i = 0; i < batch.Count; i++)
            {
                keys.Add(TeacherCache.KeyOf(isEncoded ? batch.Encoded(i) : batch.Sample(i)));
            }
            int[] missing = [.. Enumerable.Range(0, batch.Count).Where(i => !cache.Has(keys[first + i]!.Value))
                .DistinctBy(i => keys[first + i])];
            if (missing.Length == 0)
            {
                return 0;
            }
            if (isEncoded)
            {
                batch.Fit(Environment.ProcessorCount);
            }
            var each = batch.Shape.Elements;
            var images = new float[missing.Length * each];
            foreach (var (place, i) in missing.Index())
            {
                InputFault.Check(batch.Faults[i], _options.Undecodable);
                Normalize(batch.Sample(i), batch.Shape, images.AsSpan(place * each, each));
            }
            var vectors = _network.Run(images, missing.Length);
            var asked = 0;
            foreach (var (place, i) in missing.Index())
            {
                if (batch.Faults[i] is null)
                {
                    cache.Add(keys[first + i]!.Value, vectors.AsSpan(place * _network.Values, _network.Values));
                    asked++;
                }
            }
            for (var i = 0; i < batch.Count; i++)
            {
                keys[first + i] = cache.Has(keys[first + i]!.Value) ? keys[first + i] : null;
            }
            return asked;
        }

        private static byte[] HashOf(string path)
        {
            using var file = File.OpenRead(path);
            return SHA256.HashData(file);
        }

        private void Normalize(ReadOnlySpan<byte> sample, SampleShape shape, Span<float> target)
        {
            var floats = MemoryMarshal.Cast<byte, float>(shape.IsFloat ? sample : []);
            var plane = shape.Height * shape.Width;
            for (var i = 0; i < target.Length; i++)
            {
                var channel = i / plane;
                target[i] = ((shape.IsFloat ? floats[i] : sample[i]) - _mean[channel]) / _deviation[channel];
            }
        }
    }
}
