using System.Globalization;
using System.Text;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Support;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

/// <summary>msvit train with a teacher that gives the mean of each channel of an image.</summary>
public sealed class TeacherCommandTests : IDisposable
{
    private const int Side = 8;

    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu", "--epochs", "1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_teacher_is_asked_once_for_each_image_and_unlabeled_images_learn_from_it_too()
    {
        var (data, more) = (Images("data", 12, "red", "green"), Images("more", 5, ""));
        var teacher = Model("t.onnx");
        string[] train = ["train", "--data", data, "--teacher", teacher, "--unlabeled", more, "--validation-fraction", "0", "--json", .. Tiny];
        var (code, output, error) = Cli.Run([.. train, "--output", File("a.zip")]);
        Assert.True(code == 0, error);
        Assert.Contains("3 values of features for 17 images, 17 of them computed now", error, StringComparison.Ordinal);
        Assert.Contains("  teacher ", error, StringComparison.Ordinal);
        var epoch = JsonDocument.Parse(output.Split('\n')[0]).RootElement;
        Assert.InRange(epoch.GetProperty("teacherLoss").GetDouble(), 0, 2);

        // Another image alone is computed, though the run is another one.
        Images("more", 6, "");
        var again = Cli.Run([.. train, "--output", File("b.zip"), "--seed", "2"]);
        Assert.True(again.Code == 0, again.Error);
        Assert.Contains("for 18 images, 1 of them computed now", again.Error, StringComparison.Ordinal);
        var info = Cli.Run("info", File("b.zip"));
        Assert.Contains("18 samples (6 unlabeled), a teacher of features", info.Output + info.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Unlabeled_images_that_are_test_images_too_are_reported()
    {
        // Twelve to train on, and four others.
        var (data, test) = (Images("data", 12, "red", "green"), Images("test", 16, "red", "green"));
        foreach (var image in Directory.GetFiles(data, "*.png", SearchOption.AllDirectories))
        {
            System.IO.File.Delete(Path.Combine(test, Path.GetRelativePath(data, image)));
        }
        string[] train = ["train", "--data", data, "--teacher", Model("t.onnx"), .. Tiny, "--output", File("a.zip"), "--force"];
        var (code, _, error) = Cli.Run([.. train, "--test", test, "--unlabeled", Path.Combine(test, "red")]);
        Assert.True(code == 0, error);
        Assert.Contains("warning: 2 files are in more than one part", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_msvit_export_is_a_teacher_of_scores()
    {
        var data = Images("data", 12, "red", "green");
        Assert.Equal(0, Cli.Run(["train", "--data", data, "--output", File("m.zip"), .. Tiny]).Code);
        Assert.Equal(0, Cli.Run("export", "--model", File("m.zip"), "--output", File("m.onnx")).Code);
        var (code, _, error) = Cli.Run(["train", "--data", data, "--teacher", File("m.onnx"), "--set", "Teacher.Kind=Scores", "--cache",
            File("kept"), "--output", File("n.zip"), .. Tiny]);
        Assert.True(code == 0, error);
        Assert.Contains("2 values of Score for 12 images", error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(File("kept"), "m.onnx.*.vectors"));
        using var network = new TeacherNetwork(File("m.onnx"), null, null);
        Assert.True(network.NormalizesItself);
    }

    [Fact]
    public void Vectors_from_NumPy_are_read_in_the_order_of_the_data()
    {
        var data = Images("data", 6, "red", "green");
        string[] train = ["train", "--data", data, "--output", File("m.zip"), .. Tiny, "--teacher"];
        var (code, _, error) = Cli.Run([.. train, Array("six.npy", 6, 4)]);
        Assert.True(code == 0, error);
        Assert.Contains("  teacher ", error, StringComparison.Ordinal);
        var few = Cli.Run([.. train, Array("five.npy", 5, 4), "--force"]);
        Assert.NotEqual(0, few.Code);
        Assert.Contains("of the shape [5, 4]; expected floats of the shape [6, values]", few.Error, StringComparison.Ordinal);
        var rows = VectorArray.Read(Array("two.npy", 2, 3), 2);
        Assert.Equal([[0f, 1, 2], [3f, 4, 5]], [rows.Row(0), rows.Row(1)]);
    }

    [Fact]
    public void What_cannot_teach_is_refused_in_words_before_training()
    {
        var data = Images("data", 6, "red", "green");
        var (two, open) = (Model("two.onnx", isPooledOutput: true), Model("open.onnx", side: -1));
        var text = _folder.Write("text.onnx", "no model"u8.ToArray());
        Refused("--teacher-size needs --teacher FILE", "--teacher-size", "8x8");
        Refused("--unlabeled needs --teacher FILE", "--unlabeled", data);
        Refused("there is no such file", "--teacher", File("nowhere.onnx"));
        Refused("is not an ONNX model that can be loaded", "--teacher", text);
        Refused("has 2 outputs of floats: choose one with --teacher-output. It has features (Single [any, 3]); pooled", "--teacher", two);
        Refused("--teacher-output last: ", "--teacher", two, "--teacher-output", "last");
        Refused("takes images of any size: add --teacher-size WxH", "--teacher", open);
        Refused("--teacher-size is 9x9, but ", "--teacher", two, "--teacher-output", "pooled", "--teacher-size", "9x9");
        Refused("--teacher-size 9 is not understood", "--teacher", two, "--teacher-size", "9");
        Refused("which takes one value per class", "--teacher", two, "--teacher-output", "pooled", "--set", "Teacher.Kind=Scores");
        Refused("add --teacher FILE, or --set Recipe.Teacher=null", "--set", "Teacher.Weight=2");

        void Refused(string why, params string[] more)
        {
            var (code, _, error) = Cli.Run(["train", "--data", data, "--output", File("m.zip"), .. Tiny, .. more]);
            Assert.NotEqual(0, code);
            Assert.Contains(why, error, StringComparison.Ordinal);
            Assert.False(System.IO.File.Exists(File("m.zip")));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Channels_may_be_the_second_axis_or_the_last(bool isLast)
    {
        using var network = new TeacherNetwork(Model("t.onnx", isChannelsLast: isLast), null, null);
        Assert.Equal((3, Side, Side, 3), (network.Channels, network.Width, network.Height, network.Values));
        // Two images whose channels have the means 1, 2, 3 and 5, 6, 7.
        float[] images = [.. ((int[])[1, 2, 3, 5, 6, 7]).SelectMany(value => Enumerable.Repeat((float)value, Side * Side))];
        Assert.Equal([1f, 2, 3, 5, 6, 7], network.Run(images, 2));
    }

    [Fact]
    public void A_cache_that_was_cut_short_or_damaged_is_used_as_far_as_it_is_whole()
    {
        var (path, teacher) = (File("v"), new byte[32]);
        var keys = Enumerable.Range(0, 4).Select(i => TeacherCache.KeyOf([(byte)i])).ToArray();
        using (var cache = new TeacherCache(path, teacher, 2))
        {
            foreach (var (i, key) in keys.Index())
            {
                cache.Add(key, [i, 10 * i]);
            }
            cache.Flush();
            Assert.Equal([3f, 30], cache.Read(keys[3]));
        }
        var whole = System.IO.File.ReadAllBytes(path);
        System.IO.File.WriteAllBytes(path, whole[..^5]);
        Assert.Equal([true, true, true, false], Known());
        // A record of 16 + 8 + 4 bytes; the third is damaged.
        whole[^(28 + 10)] ^= 1;
        System.IO.File.WriteAllBytes(path, whole);
        Assert.Equal([true, true, false, false], Known());
        using (var cache = new TeacherCache(path, teacher, 2))
        {
            cache.Add(keys[3], [7, 8]);
            cache.Flush();
            Assert.Equal([1f, 10], cache.Read(keys[1]));
            Assert.Equal([7f, 8], cache.Read(keys[3]));
        }
        Assert.Equal([true, true, false, true], Known());
        // Another teacher.
        using var other = new TeacherCache(path, [.. Enumerable.Repeat((byte)1, 32)], 2);
        Assert.False(other.Has(keys[0]));

        bool[] Known()
        {
            using var cache = new TeacherCache(path, teacher, 2);
            return [.. keys.Select(cache.Has)];
        }
    }

    private string File(string name) => Path.Combine(_folder.Path, name);

    // Images of which each has its own shade, in a folder per class.
    private string Images(string folder, int count, params string[] classes)
    {
        for (var i = 0; i < count; i++)
        {
            var name = classes[i % classes.Length];
            byte[] pixel = name == "red" ? [200, (byte)i, 10] : name == "green" ? [10, 200, (byte)i] : [(byte)i, 10, 200];
            var rows = Enumerable.Repeat(pixel, Side * Side).SelectMany(value => value).ToArray();
            _folder.Write(Path.Combine(folder, name, $"{i:00}.png"), PngWriter.Write(Side, Side, PngWriter.Rgb, 8, rows));
        }
        return File(folder);
    }

    private string Model(string name, int side = Side, bool isPooledOutput = false, bool isChannelsLast = false)
    {
        var graph = new OnnxGraph();
        if (isChannelsLast)
        {
            var image = graph.Input("image", OnnxType.Float32, -1, side, side, 3);
            graph.Node("features", "ReduceMean", [image], ("axes", OnnxGraph.Ints(1, 2)), ("keepdims", 0L));
        }
        else
        {
            var image = graph.Input("image", OnnxType.Float32, -1, 3, side, side);
            graph.Node("features", "Flatten", [graph.Node("pooled", "GlobalAveragePool", [image])]);
        }
        graph.Output("features", OnnxType.Float32, -1, 3);
        if (isPooledOutput)
        {
            graph.Output("pooled", OnnxType.Float32, -1, 3, 1, 1);
        }
        var model = new OnnxMessage().Add(1, 8L).Add(7, graph.Finish("teacher")).Add(8, new OnnxMessage().Add(1, "").Add(2, 13L));
        return _folder.Write(name, model.Bytes.ToArray());
    }

    private string Array(string name, int rows, int width)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
        text = text.PadRight(117) + "\n";
        byte[] values = [.. Enumerable.Range(0, rows * width).SelectMany(value => BitConverter.GetBytes((float)value))];
        return _folder.Write(name, [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)text.Length),
            .. Encoding.ASCII.GetBytes(text), .. values]);
    }
}
