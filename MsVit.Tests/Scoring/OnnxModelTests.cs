using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

/// <summary>A model of SaveAsOnnx predicts like the model that it was exported from.</summary>
public sealed class OnnxModelTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private const float Tolerance = 1e-4f;
    private const int Rows = 40;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private MsVitTransformer Torch => dots.Model.FindMsVit();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_adds_the_same_columns_with_the_same_annotations_scores_and_classes()
    {
        var data = DotTask.Data(_ml, Rows, seed: 5);
        using var onnx = Load(Export());
        var (expected, got) = (Torch.Transform(data), onnx.Transform(data));
        Assert.Equal(expected.Schema.Select(Described), got.Schema.Select(Described));
        AssertSame(DotTask.Scores(expected), DotTask.Scores(got));
        Assert.Equal(expected.GetColumn<uint>("PredictedLabel"), got.GetColumn<uint>("PredictedLabel"));
        Assert.Equal(Torch.Labels, onnx.Labels);
        Assert.Equal((Torch.InputColumnName, Torch.ParameterCount, Torch.TrainingSummary),
            (onnx.InputColumnName, onnx.ParameterCount, onnx.TrainingSummary));
        Assert.Equal(Torch.Network.ToJson(), onnx.Network.ToJson());

        static string Described(DataViewSchema.Column column) => $"{column.Name} {column.Type} "
            + string.Join(", ", column.Annotations.Schema.Select(annotation => $"{annotation.Name} {annotation.Type} "
                + (annotation.Type is VectorDataViewType { ItemType: TextDataViewType } ? Texts(column, annotation.Name) : "")));

        static string Texts(DataViewSchema.Column column, string kind)
        {
            VBuffer<ReadOnlyMemory<char>> values = default;
            column.Annotations.GetValue(kind, ref values);
            return string.Join('|', values.DenseValues());
        }
    }

    [Fact]
    public void Encoded_images_of_any_size_are_decoded_and_resized_alike()
    {
        var rows = DotTask.Rows(6, seed: 8).Select((row, i) => i % 2 == 0 ? ServedDots.Image(row).Image : Noise(11 + i, 30 - i));
        var data = _ml.Data.LoadFromEnumerable(rows.Select(image => new Encoded { Image = image }));
        using var onnx = Load(Export());
        AssertSame(DotTask.Scores(Torch.Transform(data)), DotTask.Scores(onnx.Transform(data)));
    }

    [Fact]
    public void A_prediction_engine_gives_the_scores_of_Transform_in_float32_and_in_eight_bits()
    {
        var rows = DotTask.Rows(10, seed: 6);
        var data = _ml.Data.LoadFromEnumerable(rows);
        foreach (var options in new OnnxExportOptions?[] { null, new() { EightBitCalibration = DotTask.Data(_ml, Rows) } })
        {
            var onnx = Load(Export(options));
            var expected = DotTask.Scores(onnx.Transform(data));
            using var engine = _ml.Model.CreatePredictionEngine<DotRow, Scored>(onnx);
            AssertSame(expected, [.. rows.Select(row => engine.Predict(row).Score)]);
        }
    }

    [Fact]
    public void Eight_bits_load_and_agree_on_nearly_every_class()
    {
        var data = DotTask.Data(_ml, 60, seed: 7);
        using var onnx = Load(Export(new() { EightBitCalibration = DotTask.Data(_ml, Rows) }));
        var same = Torch.Transform(data).GetColumn<uint>("PredictedLabel").Zip(onnx.Transform(data).GetColumn<uint>("PredictedLabel"))
            .Count(pair => pair.First == pair.Second);
        Assert.InRange(same, 50, 60);
    }

    [Fact]
    public void It_is_saved_and_loaded_within_a_pipeline()
    {
        var data = DotTask.Data(_ml, Rows, seed: 5);
        using var onnx = Load(Export());
        var pipeline = onnx.Append(_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel").Fit(onnx.Transform(data)));
        var path = Path.Combine(_folder.Path, "onnx.zip");
        _ml.Model.Save(pipeline, data.Schema, path);
        var loaded = _ml.Model.Load(path, out _);
        using var owned = (IDisposable)loaded;
        Assert.Equal(DotTask.Scores(pipeline.Transform(data)), DotTask.Scores(loaded.Transform(data)));
        Assert.Equal(pipeline.Transform(data).GetColumn<string>("Predicted"), loaded.Transform(data).GetColumn<string>("Predicted"));
        Assert.Throws<NotSupportedException>(() => loaded.FindMsVit().SaveWeights(Path.Combine(_folder.Path, "x.safetensors")));
    }

    [Fact]
    public void Threads_that_score_at_once_get_what_one_gets()
    {
        var data = DotTask.Data(_ml, 70, seed: 5);
        using var onnx = Load(Export());
        var expected = DotTask.Scores(onnx.Transform(data));
        Parallel.For(0, 8, _ => AssertSame(expected, DotTask.Scores(onnx.Transform(data))));
    }

    [Fact]
    public void What_needs_a_torch_network_is_refused_in_words()
    {
        var data = DotTask.Data(_ml, 4);
        using var onnx = Load(Export());
        var file = Path.Combine(_folder.Path, "x");
        foreach (var refused in new Action[]
        {
            () => onnx.Analyze(data), () => onnx.EstimateEnergy(data), () => onnx.SaveWeights(file), () => onnx.SaveStarter(file),
            () => onnx.SaveAsOnnx(file),
            () => _ml.MulticlassClassification.Trainers.MsVit(DotTask.Options(options => options.StartFrom = onnx)),
        })
        {
            Assert.Contains("is an ONNX model, which only predicts", Assert.Throws<NotSupportedException>(refused).Message,
                StringComparison.Ordinal);
        }
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_disposed_one_says_so_even_to_threads_that_are_scoring()
    {
        var data = DotTask.Data(_ml, 70, seed: 5);
        var onnx = Load(Export());
        using var scored = new CountdownEvent(4);
        var threads = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            _ = DotTask.Scores(onnx.Transform(data));
            scored.Signal();
            while (true)
            {
                _ = DotTask.Scores(onnx.Transform(data));
            }
        })).ToArray();
        scored.Wait();
        onnx.Dispose();
        onnx.Dispose();
        foreach (var thread in threads)
        {
            var error = Assert.ThrowsAny<Exception>((Action)(() => thread.GetAwaiter().GetResult()));
            Assert.IsType<ObjectDisposedException>(error.GetBaseException());
        }
        Assert.Throws<ObjectDisposedException>(() => onnx.Transform(data));
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_one_clear_error()
    {
        var good = File.ReadAllBytes(Export());
        var metadata = OnnxFile.ReadMetadata(good, "good");
        var card = metadata[OnnxContents.CardKey];
        var cases = new (string Expected, byte[] Content)[]
        {
            ("is not an ONNX model", "Remember the milk."u8.ToArray()),
            ("is not an ONNX model", []),
            ("is not an ONNX model, or is cut short", good[..(good.Length / 2)]),
            ("is not an ONNX model, or is cut short", good[..^7]),
            ("was not written by MsVit but by skl2onnx", Model("skl2onnx", metadata)),
            ("by an earlier version of MsVit", With(OnnxContents.CardKey, null)),
            ("by an earlier version of MsVit", With(OnnxContents.FormatKey, null)),
            ("has the format 99", With(OnnxContents.FormatKey, "99")),
            ("is damaged or was modified", With(OnnxContents.CardKey, "{ no JSON")),
            ("an entry of its metadata has 20000", With(OnnxContents.CardKey, new string(' ', 20_000_000))),
            ("output 'Other'", With(OnnxContents.CardKey, card.Replace("\"Score\": \"Score\"", "\"Score\": \"Other\"",
                StringComparison.Ordinal))),
            ("input 'Photo'", With(OnnxContents.CardKey, card.Replace("\"ImageColumnName\": \"Image\"", "\"ImageColumnName\": \"Photo\"",
                StringComparison.Ordinal))),
            ("is float [-1, 3, 64, 8], but in its graph it is Single [-1, 3, 8, 8]", With(OnnxContents.CardKey, Resized(card))),
            ("options of EventsToFrames are damaged", With(OnnxContents.FramesKey, "{ no JSON")),
            ("some of its weights are in another file", WithinGraph(good, 5, External())),
            ("some of its weights are in another file", WithinGraph(good, 1, Constant(new OnnxMessage().Add(5, External())))),
            ("some of its weights are in another file", WithinGraph(good, 1, Constant(
                new OnnxMessage().Add(6, new OnnxMessage().Add(5, External()))))),
            ("some of its weights are in another file", WithinGraph(good, 15, new OnnxMessage().Add(1, External()))),
            ("nested more than", WithinGraph(good, 1, Enumerable.Range(0, 99).Aggregate(
                new OnnxMessage(), (inner, _) => Constant(new OnnxMessage().Add(6, new OnnxMessage().Add(1, inner)))))),
            ("cannot be loaded by ONNX Runtime", Model(OnnxFile.Producer, metadata)),
        };
        foreach (var (expected, content) in cases)
        {
            var path = _folder.Write("bad.onnx", content);
            var error = Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVitOnnx(path));
            Assert.Contains(expected, error.Message, StringComparison.OrdinalIgnoreCase);
            Assert.True(error.Message.Contains(path, StringComparison.Ordinal) || expected.StartsWith("options", StringComparison.Ordinal),
                error.Message);
        }
        Assert.Throws<FileNotFoundException>(() => _ml.Model.LoadMsVitOnnx(Path.Combine(_folder.Path, "none.onnx")));

        byte[] With(string key, string? value) => Changed(good, key, value);
    }

    [Fact]
    public void A_list_of_layers_that_is_not_that_of_the_network_is_one_clear_error()
    {
        var good = File.ReadAllBytes(Export(new() { Insight = true }));
        var layers = JsonSerializer.Deserialize<Dictionary<string, string>>(OnnxFile.ReadMetadata(good, "good")[OnnxFile.InsightKey])!;
        var (first, second) = (layers["stage1.0.tssa.q_lif"], layers["stage3.0.ssa.q_lif"]);
        foreach (var (expected, list) in new (string, string)[]
        {
            ("its list of layers cannot be read", "{ no JSON"),
            ("its list of layers cannot be read", "[1, 2]"),
            ("has no output for patch_embed1", "{}"),
            ("has no output for patch_embed1", "null"),
            ("has no output for stage1.0.tssa.q_lif", JsonSerializer.Serialize(Replaced(null))),
            ("its graph has no output 'nothing'", JsonSerializer.Serialize(Replaced("nothing"))),
            ("output 'PredictedLabel' of its graph holds neither floats nor bytes", JsonSerializer.Serialize(Replaced("PredictedLabel"))),
            ($"output '{second}' has ", JsonSerializer.Serialize(Replaced(second))),
        })
        {
            var path = _folder.Write("bad.onnx", Changed(good, OnnxFile.InsightKey, list));
            var error = Assert.Throws<InvalidDataException>(() => ModelLoader.Load(path, new() { Device = "cpu" }));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        Assert.NotEqual(first, second);

        Dictionary<string, string?> Replaced(string? output) => layers.ToDictionary(
            layer => layer.Key, layer => layer.Key == "stage1.0.tssa.q_lif" ? output : layer.Value);
    }

    private string Export(OnnxExportOptions? options = null)
    {
        var path = Path.Combine(_folder.Path, options is null ? "dots.onnx" : "dots.int8.onnx");
        Torch.SaveAsOnnx(path, options);
        return path;
    }

    private MsVitTransformer Load(string path) => _ml.Model.LoadMsVitOnnx(path).FindMsVit();

    private static void AssertSame(float[][] expected, float[][] got)
    {
        Assert.Equal(expected.Length, got.Length);
        foreach (var (left, right) in expected.Zip(got))
        {
            Assert.All(left.Zip(right), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
            Assert.Equal(Array.IndexOf(left, left.Max()), Array.IndexOf(right, right.Max()));
        }
    }

    private static byte[] Noise(int width, int height)
    {
        var pixels = new byte[3 * width * height];
        new Random(width).NextBytes(pixels);
        return PngWriter.Write(width, height, PngWriter.Rgb, 8, pixels);
    }

    private static string Resized(string card)
    {
        var edited = JsonSerializer.Deserialize<System.Text.Json.Nodes.JsonObject>(card)!;
        edited["Input"]!["Height"] = 64;
        return edited.ToJsonString();
    }

    private static OnnxMessage External() => new OnnxMessage().Add(1, 4L).Add(2, 1L).Add(8, "secret")
        .Add(13, new OnnxMessage().Add(1, "location").Add(2, "../secret.bin")).Add(14, 1L);

    private static OnnxMessage Constant(OnnxMessage attribute) =>
        new OnnxMessage().Add(2, "constant").Add(4, "Constant").Add(5, attribute.Add(1, "value"));

    // Fields of a graph can come in any order.
    private static byte[] WithinGraph(byte[] model, int field, OnnxMessage message)
    {
        using var output = new MemoryStream();
        using var input = new CodedInputStream(model);
        while (input.ReadTag() is > 0 and var tag)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            var copied = new OnnxMessage();
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
            {
                copied.Add(number, input.ReadInt64());
            }
            else
            {
                var content = input.ReadBytes().ToByteArray();
                byte[] more = number == 7 ? new OnnxMessage().Add(field, message).Bytes.ToArray() : [];
                copied.Add(number, (ReadOnlyMemory<byte>)(byte[])[.. content, .. more]);
            }
            output.Write(copied.Bytes.Span);
        }
        return output.ToArray();
    }

    // Copies all fields of the model but the entry, then writes its new value.
    private static byte[] Changed(byte[] model, string key, string? value)
    {
        using var output = new MemoryStream();
        using (var input = new CodedInputStream(model))
        {
            while (input.ReadTag() is > 0 and var tag)
            {
                if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
                {
                    output.Write(new OnnxMessage().Add(WireFormat.GetTagFieldNumber(tag), input.ReadInt64()).Bytes.Span);
                    continue;
                }
                var field = input.ReadBytes().ToByteArray();
                if (WireFormat.GetTagFieldNumber(tag) != 14 || field.AsSpan().IndexOf(Encoding.UTF8.GetBytes(key)) != 2)
                {
                    output.Write(new OnnxMessage().Add(WireFormat.GetTagFieldNumber(tag), (ReadOnlyMemory<byte>)field).Bytes.Span);
                }
            }
        }
        if (value is not null)
        {
            output.Write(new OnnxMessage().Add(14, new OnnxMessage().Add(1, key).Add(2, value)).Bytes.Span);
        }
        return output.ToArray();
    }

    private static byte[] Model(string producer, IReadOnlyDictionary<string, string> metadata) => new OnnxMessage()
        .Add(1, 8L).Add(2, producer).Add(7, new OnnxMessage().Add(2, "empty"))
        .AddAll(14, metadata, (whole, field, pair) => whole.Add(field, new OnnxMessage().Add(1, pair.Key).Add(2, pair.Value)))
        .Bytes.ToArray();

    private sealed class Encoded
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
