using System.Text;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>What is wrong with the test set is said before the first epoch.</summary>
public sealed class TestSetTests : IDisposable
{
    private static readonly string[] Tiny = ["--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1",
        "--device", "cpu", "--epochs", "1", "--set", "BatchSize=4"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Circle", "'Circle' there is 'circle' in the training data")]
    [InlineData("CIRCLE", "'CIRCLE' there is 'circle'")]
    [InlineData("_circle", "'_circle' there is 'circle'")]
    [InlineData("Tall-Circle", "'Tall-Circle' there is 'tall circle'")]
    public void A_class_that_is_spelled_differently_is_named_with_the_one_that_it_resembles(string name, string message)
    {
        var (code, output, error) = Train(Set("train", "circle", "square", "tall circle"), Set("test", name, "square"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch", error, StringComparison.Ordinal);
    }

    [LinuxFact("names that end with a space")]
    public void A_class_with_a_space_too_many_is_named_with_the_one_that_it_resembles() =>
        A_class_that_is_spelled_differently_is_named_with_the_one_that_it_resembles("circle ", "'circle ' there is 'circle'");

    [Theory]
    [InlineData(NormalizationForm.FormC, NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormD, NormalizationForm.FormC)]
    public void Composed_and_decomposed_umlauts_are_one_name(NormalizationForm train, NormalizationForm test)
    {
        var (code, output, error) = Train(
            Set("train", "Vögel".Normalize(train), "Bäume".Normalize(train)),
            Set("test", "Vögel".Normalize(test), "Bäume".Normalize(test)));
        Assert.True(code == 0, error);
        Assert.Contains("on 8 samples", output, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_set_without_any_of_the_classes_is_refused()
    {
        var (code, _, error) = Train(Set("train", "circle", "square"), Set("test", "cat", "dog"));
        Assert.Equal(2, code);
        Assert.Contains("None of the classes of ", error, StringComparison.Ordinal);
        Assert.Contains("(cat, dog) is a class of the training data (circle, square)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_training_does_not_have_is_named_before_training_and_left_out()
    {
        var (code, output, error) = Train(Set("train", "circle", "square"), Set("test", "circle", "square", "star"));
        Assert.True(code == 0, error);
        var lines = error.Split('\n').ToList();
        Assert.InRange(lines.FindIndex(line => line.StartsWith("warning: ", StringComparison.Ordinal) && line.Contains(
            "has one class that the training data do not have: star", StringComparison.Ordinal)), 0,
            lines.FindIndex(line => line.StartsWith("epoch", StringComparison.Ordinal)));
        Assert.Contains("on 8 samples", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("cut")]
    [InlineData("zeros")]
    public void A_damaged_image_is_found_before_training(string damage)
    {
        var test = Set("test", "circle", "square");
        var whole = Image(1);
        var bad = _folder.Write("test/circle/bad.png", damage switch
        {
            "empty" => [],
            "text" => "<html>404</html>"u8.ToArray(),
            "cut" => whole[..(whole.Length / 2)],
            _ => new byte[500],
        });
        var (code, output, error) = Train(Set("train", "circle", "square"), test);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"1 of the images of the test set {test} cannot be read: {bad}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "m.zip.run")));
    }

    [Fact]
    public void With_the_policy_to_skip_a_damaged_image_is_only_named()
    {
        var test = Set("test", "circle", "square");
        _folder.Write("test/circle/bad.png", []);
        var (_, _, error) = Train(Set("train", "circle", "square"), test, "--set", "Undecodable=Skip");
        Assert.Contains("The evaluation skips them.", error, StringComparison.Ordinal);
        Assert.Contains("epoch", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_without_events_in_their_slice_are_found_before_training()
    {
        using var train = new RecordingFolder(perClass: 4);
        using var test = new RecordingFolder(perClass: 2, seed: 2);
        var file = Directory.EnumerateFiles(test.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var label = Path.GetFileName(Path.GetDirectoryName(file))!;
        var list = _folder.Write("slices.csv", Encoding.UTF8.GetBytes(
            $"path,label,start,end\n{file},{label},0,{RecordingFolder.Duration}\n{file},{label},500000,900000\n"));
        var (code, _, error) = Cli.Run("train", "--data", train.Path, "--test", list, "--epochs", "1", "--device", "cpu", "--output",
            Path.Combine(_folder.Path, "m.zip"));
        Assert.Equal(1, code);
        Assert.Contains($"1 of the recordings of the test set {list} cannot be read: {file}: it has no events from 500000 to 900000", error,
            StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Train(string train, string test, params string[] more) => Cli.Run(
        ["train", "--data", train, "--test", test, "--output", Path.Combine(_folder.Path, "m.zip"), .. Tiny, .. more]);

    private string Set(string name, params string[] classes)
    {
        foreach (var (i, label) in classes.Index())
        {
            for (var k = 0; k < 4; k++)
            {
                _folder.Write($"{name}/{label}/{k}.png", Image((10 * i) + k));
            }
        }
        return Path.Combine(_folder.Path, name);
    }

    private static byte[] Image(int seed)
    {
        var pixels = new byte[8 * 8 * 3];
        new Random(seed).NextBytes(pixels);
        return PngWriter.Write(8, 8, PngWriter.Rgb, 8, pixels);
    }
}
