using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>What the command line says about data before it trains on them.</summary>
public sealed class DataAccountCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_says_what_it_reads_and_what_it_passes_over()
    {
        Classes("photos", 6);
        _folder.Write("photos/cat/0.txt", SampleFiles.Text("0 0.5 0.5 0.2 0.2\n"));
        _folder.Write("photos/dog/1.tif", [.. "II*\0"u8]);
        _folder.Write("photos/.notes/readme.txt", SampleFiles.Text("notes"));
        var report = Path.Combine(_folder.Path, "r.html");
        var (code, _, error) = Train("photos", "--report", report);
        Assert.True(code == 0, error);
        Assert.Contains($"{At("photos")}: 12 images in 2 classes: cat 6, dog 6.\n", error, StringComparison.Ordinal);
        Assert.Contains("Passed over: 1 .tif (TIFF: convert to PNG or JPEG), 1 .txt (text).\n", error, StringComparison.Ordinal);
        Assert.Contains("warning: 2 of 2 classes have fewer than 10 samples", error, StringComparison.Ordinal);
        Assert.Contains("TIFF: convert to PNG or JPEG", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_are_used_as_such_and_what_is_not_used_is_said()
    {
        Classes("set/Training", 6);
        Classes("set/Testing", 4, first: 20);
        Classes("set/valid", 3, first: 30);
        var (code, output, error) = Train("set");
        Assert.True(code == 0, error);
        Assert.Contains($"{At("set/Training")}: 12 images in 2 classes: cat 6, dog 6 (used).\n", error, StringComparison.Ordinal);
        Assert.Contains($"{At("set/Testing")}: 8 images in 2 classes: cat 4, dog 4 (to test on).\n", error, StringComparison.Ordinal);
        Assert.Contains($"(not used; to read it, give {At("set/valid")}).\n", error, StringComparison.Ordinal);
        Assert.Contains("on 8 samples", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_and_recordings_without_a_clear_majority_need_the_format()
    {
        Classes("set", 4);
        SampleFiles.Recordings(_folder, "set/cat", 4);
        SampleFiles.Recordings(_folder, "set/dog", 4);
        var (code, _, error) = Train("set");
        Assert.Equal(1, code);
        Assert.Contains("8 images and 8 recordings", error, StringComparison.Ordinal);
        Assert.Contains("Add --format folder to read the images, or --format events", error, StringComparison.Ordinal);
        Assert.Contains(": 8 images in 2 classes", Train("set", "--format", "folder").Error, StringComparison.Ordinal);
        Assert.Equal(1, Cli.Run("data", "inspect", At("set")).Code);
        Assert.Equal("events", JsonDocument.Parse(Cli.Run("data", "inspect", At("set"), "--format", "events", "--json").Output)
            .RootElement.GetProperty("format").GetString());
    }

    [Fact]
    public void Folders_of_folders_are_refused_unless_forced()
    {
        SampleFiles.Images(_folder, "set/animals/cat", 3);
        SampleFiles.Images(_folder, "set/animals/dog", 3);
        SampleFiles.Images(_folder, "set/things/cup", 3);
        SampleFiles.Images(_folder, "set/things/pen", 3);
        var (code, _, error) = Train("set");
        Assert.Equal(1, code);
        Assert.Contains("To take these folders as classes, add --force.", error, StringComparison.Ordinal);
        var forced = Train("set", "--force");
        Assert.True(forced.Code == 0, forced.Error);
        Assert.Contains("animals 6, things 6", forced.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_without_samples_is_named_with_what_it_holds()
    {
        Classes("set", 4);
        _folder.Write("set/fox/1.txt", SampleFiles.Text("a fox"));
        _folder.Write("set/fox/2.txt", SampleFiles.Text("another"));
        var (code, _, error) = Train("set");
        Assert.Equal(1, code);
        Assert.Contains("fox holds no images; it holds 2 .txt (text).", error, StringComparison.Ordinal);
        Assert.Equal(0, Train("set", "--force").Code);
    }

    [Fact]
    public void One_class_and_no_data_are_different_errors()
    {
        SampleFiles.Images(_folder, "one/cat", 4);
        _folder.Write("none/cat/1.txt", SampleFiles.Text("a cat"));
        _folder.Write("none/dog/1.txt", SampleFiles.Text("a dog"));
        Assert.Contains("has 1 class folder (cat); classification needs at least 2", Train("one").Error, StringComparison.Ordinal);
        Assert.Contains("holds no images or recordings; it holds 2 .txt (text)", Train("none").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_cannot_be_read_stop_training_before_it_begins()
    {
        Classes("set", 4);
        _folder.Write("set/cat/html.png", SampleFiles.Text("<html>404</html>"));
        var (code, _, error) = Train("set");
        Assert.Equal(1, code);
        Assert.Contains("html.png: it is an HTML page", error, StringComparison.Ordinal);
        Assert.Contains("--set Undecodable=Skip", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Training tiny", error, StringComparison.Ordinal);
        var skipped = Train("set", "--set", "Undecodable=Skip");
        Assert.True(skipped.Code == 0, skipped.Error);
    }

    [Fact]
    public void A_bad_file_in_a_part_that_is_not_used_stops_nobody()
    {
        Classes("set/train", 4);
        Classes("set/test", 4);
        Classes("set/valid", 4);
        _folder.Write("set/valid/cat/bad.png", SampleFiles.Text("<html>404</html>"));
        Assert.Equal(0, Train("set").Code);
        _folder.Write("set/test/cat/bad.png", SampleFiles.Text("<html>404</html>"));
        Assert.Contains("1 file cannot be read", Train("set").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_leaves_a_class_without_samples_is_refused()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e", "f"])
        {
            SampleFiles.Images(_folder, $"set/{name}", 4);
        }
        var (code, _, error) = Train("set", "--max-samples", "4");
        Assert.Equal(1, code);
        Assert.Contains("--max-samples leaves 4 samples of 6 classes", error, StringComparison.Ordinal);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        var sweep = Cli.Run("sweep", "--data", At("set"), "--max-samples", "4", "--store", Path.Combine(_folder.Path, "s.db"));
        Assert.Equal(1, sweep.Code);
        Assert.Contains("--max-samples leaves", sweep.Error, StringComparison.Ordinal);
        Assert.Contains("--max-samples leaves 5 samples of 10 classes",
            Cli.Run("train", "--data", "shapes:40", "--max-samples", "5", "--output", Path.Combine(_folder.Path, "m.zip")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Test_files_that_were_trained_on_are_a_warning()
    {
        Classes("train-set", 6);
        Classes("other", 6);
        foreach (var name in (string[])["cat", "dog"])
        {
            File.Copy(At($"train-set/{name}/0.png"), At($"other/{name}/0.png"), overwrite: true);
        }
        var (code, _, error) = Train("train-set", "--test", At("other"));
        Assert.True(code == 0, error);
        Assert.Contains("warning: 2 files are in more than one part", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_images_are_trained_on()
    {
        Classes("photos", 4);
        var list = _folder.Write("list.csv", SampleFiles.Text("\"file\";\"class\";\"split\"\r\n" + string.Concat(
            Enumerable.Range(0, 4).Select(i => $"photos/cat/{i}.png;cat;a\r\nphotos/dog/{i}.png;dog;a\r\n"))));
        var (code, _, error) = Train("list.csv");
        Assert.True(code == 0, error);
        Assert.Contains($"{list}: 8 images in 2 classes: cat 4, dog 4.", error, StringComparison.Ordinal);
        Assert.Contains("the columns split are not used", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspecting_goes_on_after_a_bad_file_and_says_what_is_wrong()
    {
        SampleFiles.Recordings(_folder, "set/left", 4);
        SampleFiles.Recordings(_folder, "set/right", 4);
        _folder.Write("set/left/9.csv", SampleFiles.Text("t,x,y,p\n1,2,3,1\n5,4\n"));
        var (code, output, error) = Cli.Run("data", "inspect", At("set"));
        Assert.True(code == 0, error);
        Assert.Contains("unreadable 1:\n", output, StringComparison.Ordinal);
        Assert.Contains("9.csv: line 3: the row has 2 columns", output, StringComparison.Ordinal);
        Assert.Contains("at least 16 x 16 (8)", output, StringComparison.Ordinal);
        Assert.Contains("Training stops at an unreadable file", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspecting_tells_of_parts_duplicates_and_passed_over_files()
    {
        Classes("set/train", 3);
        Classes("set/test", 3);
        File.Copy(At("set/train/cat/0.png"), At("set/test/cat/0.png"), overwrite: true);
        _folder.Write("set/train/labels.csv", SampleFiles.Text("file,label\n"));
        var found = JsonDocument.Parse(Cli.Run("data", "inspect", At("set"), "--json").Output).RootElement;
        Assert.Equal(["train", "test"], found.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()));
        Assert.Equal(6, found.GetProperty("count").GetInt32());
        Assert.Equal("AcrossParts", found.GetProperty("duplicates")[0].GetProperty("kind").GetString());
        Assert.Equal(".csv", found.GetProperty("passedOver")[0].GetProperty("ending").GetString());
        Assert.Contains("in two parts", Cli.Run("data", "inspect", At("set")).Output, StringComparison.Ordinal);
    }

    private void Classes(string path, int count, int first = 0)
    {
        SampleFiles.Images(_folder, $"{path}/cat", count, first);
        SampleFiles.Images(_folder, $"{path}/dog", count, first);
    }

    private string At(string path) => Path.GetFullPath(path, _folder.Path);

    private (int Code, string Output, string Error) Train(string data, params string[] more) => Cli.Run(["train", "--data", At(data),
        "--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1", "--set", "BatchSize=4", "--device",
        "cpu", "--epochs", "1", "--validation-fraction", "0", "--output", Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.zip"), .. more]);
}
