using System.Text;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Account;

public sealed class DataAccountTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_clear_majority_decides_and_the_rest_is_named()
    {
        foreach (var name in (string[])["left", "right"])
        {
            SampleFiles.Recordings(_folder, name, 8);
            _folder.Write($"{name}/preview.png", SampleFiles.Png(1));
        }
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal(SampleKind.Recordings, account.Kind);
        Assert.Equal(16, account.Samples);
        Assert.Equal([(".png", "images", 2)], account.PassedOver.Select(group => (group.Ending, group.Reason, group.Count)));
        Assert.Contains("Passed over: 2 .png (images).", account.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0.5 0.5 0.2 0.2\n")]
    [InlineData("0 12 14 20 20\n1 2 3 4 5\n")]
    [InlineData("12,30,100,50\n")]
    [InlineData("a cat\n")]
    [InlineData("{ \"label\": 1 }\n")]
    [InlineData("<annotation/>\n")]
    [InlineData("1,0,0,1\n")]
    public void Labels_beside_images_are_passed_over(string text)
    {
        foreach (var name in (string[])["cat", "dog"])
        {
            SampleFiles.Images(_folder, name, 3);
            for (var i = 0; i < 3; i++)
            {
                _folder.Write($"{name}/{i}.txt", SampleFiles.Text(text));
            }
        }
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal(SampleKind.Images, account.Kind);
        Assert.Equal(6, account.Samples);
        Assert.Equal(6, Assert.Single(account.PassedOver).Count);
        Assert.Equal(6, ImageFolder.List(_folder.Path).Count);
    }

    [Fact]
    public void Where_the_kind_is_not_clear_the_account_says_so_and_a_given_kind_decides()
    {
        SampleFiles.Images(_folder, "cat", 5);
        SampleFiles.Images(_folder, "dog", 5);
        SampleFiles.Recordings(_folder, "cat", 5);
        SampleFiles.Recordings(_folder, "dog", 5);
        var fatal = Fatal(DataAccount.Of(_folder.Path));
        Assert.Equal(DataProblemKind.UnclearKind, fatal.Kind);
        Assert.Contains("10 images and 10 recordings", fatal.Message, StringComparison.Ordinal);
        var images = DataAccount.Of(_folder.Path, new() { Kind = SampleKind.Images });
        Assert.Equal((10, false), (images.Samples, images.Problems.Any(problem => problem.IsFatal)));
        Assert.Equal(10, DataAccount.Of(_folder.Path, new() { Kind = SampleKind.Recordings }).Samples);
    }

    [Fact]
    public void One_class_of_the_other_kind_makes_the_kind_unclear()
    {
        SampleFiles.Images(_folder, "cat", 30);
        SampleFiles.Images(_folder, "dog", 30);
        SampleFiles.Recordings(_folder, "fox", 3);
        Assert.Contains("class fox", Fatal(DataAccount.Of(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loaders_refuse_a_folder_of_the_other_kind_and_name_the_right_loader()
    {
        foreach (var name in (string[])["left", "right"])
        {
            SampleFiles.Recordings(_folder, name, 4);
            _folder.Write($"{name}/preview.png", SampleFiles.Png(1));
        }
        Assert.Contains("LoadEventRecordings", Assert.Throws<InvalidDataException>(() => ImageFolder.List(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Equal(8, EventRecordings.List(_folder.Path).Count);
    }

    [Theory]
    [InlineData("Training", "Testing")]
    [InlineData("train", "test")]
    [InlineData("TRAIN", "VAL")]
    [InlineData("train_set", "test_set")]
    [InlineData("training", "validation")]
    [InlineData("dogs_train", "dogs_test")]
    [InlineData("train-images", "valid")]
    [InlineData("TrainData", "TestData")]
    [InlineData("seg_train", "seg_test")]
    [InlineData("train2017", "val2017")]
    public void Parts_are_parts_and_no_classes(string train, string test)
    {
        foreach (var part in (string[])[train, test])
        {
            SampleFiles.Images(_folder, $"{part}/cat", 3);
            SampleFiles.Images(_folder, $"{part}/dog", 3);
        }
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal([train, test], account.Parts.Select(part => part.Name));
        Assert.Equal((train, test), (account.Part(DataSplit.Train)!.Name, account.Part(DataSplit.Test)!.Name));
        Assert.Equal(["cat", "dog"], account.Parts[0].Classes.Select(count => count.Label));
        Assert.DoesNotContain(account.Problems, problem => problem.IsFatal);
        var refused = Assert.Throws<InvalidDataException>(() => ImageFolder.List(_folder.Path)).Message;
        Assert.Contains("Load each part by itself", refused, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, train), refused, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => EventRecordings.List(_folder.Path));
    }

    [Fact]
    public void Of_three_parts_the_test_part_is_the_test_set()
    {
        foreach (var part in (string[])["valid", "train", "test"])
        {
            SampleFiles.Images(_folder, $"{part}/cat", 2);
            SampleFiles.Images(_folder, $"{part}/dog", 2);
        }
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal(["train", "valid", "test"], account.Parts.Select(part => part.Name));
        Assert.Equal("test", account.Part(DataSplit.Test)!.Name);
    }

    [Theory]
    [InlineData("train/cat/1.png cat/1.png", DataProblemKind.MixedParts)]
    [InlineData("test/1.png cat/1.png dog/1.png", DataProblemKind.MixedParts)]
    [InlineData("train/a/1.png Training/a/1.png test/a/1.png", DataProblemKind.MixedParts)]
    [InlineData("cat/train/1.png cat/test/1.png dog/train/1.png dog/test/1.png", DataProblemKind.MixedParts)]
    [InlineData("train/1.png test/2.png", DataProblemKind.Unsorted)]
    [InlineData("1.png 2.png", DataProblemKind.Unsorted)]
    [InlineData("cat/1.png dog/1.png 2.png", DataProblemKind.Unsorted)]
    [InlineData("animals/cat/1.png animals/dog/1.png things/cup/1.png things/pen/1.png", DataProblemKind.Nested)]
    [InlineData("photos/cat/1.png photos/dog/1.png", DataProblemKind.Nested)]
    [InlineData("cat/1.png", DataProblemKind.OneClass)]
    [InlineData("train/cat/1.png test/cat/2.png", DataProblemKind.OneClass)]
    [InlineData("cat/1.png dog/notes.txt", DataProblemKind.EmptyClass)]
    [InlineData("cat/1.txt dog/2.txt", DataProblemKind.NoData)]
    [InlineData("cat/1.tif dog/2.tif", DataProblemKind.NoData)]
    [InlineData("readme.md", DataProblemKind.NoData)]
    public void A_tree_that_no_model_can_come_of_is_refused(string files, DataProblemKind kind)
    {
        foreach (var (i, file) in files.Split(' ').Index())
        {
            _folder.Write(file, Path.GetExtension(file) switch
            {
                ".png" => SampleFiles.Png(i),
                ".tif" => [.. "II*\0"u8, (byte)i],
                _ => SampleFiles.Text("notes"),
            });
        }
        Assert.Equal(kind, Fatal(DataAccount.Of(_folder.Path)).Kind);
        Assert.Throws<InvalidDataException>(() => ImageFolder.List(_folder.Path));
    }

    [Fact]
    public void The_tree_that_was_expected_is_shown_beside_the_one_that_was_found()
    {
        foreach (var path in (string[])["animals/cat", "animals/dog", "things/cup", "things/pen"])
        {
            SampleFiles.Images(_folder, path, 2);
        }
        var message = Fatal(DataAccount.Of(_folder.Path)).Message;
        Assert.Contains($"animals/ and things/, which hold only folders, such as {Path.Combine("animals", "cat")}", message,
            StringComparison.Ordinal);
        Assert.Contains("Expected", message, StringComparison.Ordinal);
        Assert.Equal(8, DataAccount.Of(_folder.Path, new() { Force = true }).Samples);
        Assert.Equal(8, ImageFolder.List(_folder.Path, recurse: true).Count);
    }

    [Fact]
    public void One_folder_more_in_every_class_is_read()
    {
        SampleFiles.Images(_folder, "cat/images", 2);
        SampleFiles.Images(_folder, "dog/images", 2);
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal(["cat", "dog"], account.Parts[0].Classes.Select(count => count.Label));
        Assert.DoesNotContain(account.Problems, problem => problem.IsFatal);
    }

    [Fact]
    public void Images_are_found_by_content_and_formats_that_cannot_be_read_are_named()
    {
        SampleFiles.Images(_folder, "cat", 2);
        for (var i = 0; i < 3; i++)
        {
            _folder.Write($"cat/{i}.tif", [.. "II*\0"u8, (byte)i]);
            _folder.Write($"dog/{i}.jfif", SampleFiles.Jpeg(i));
            _folder.Write($"dog/{i}.jpe", SampleFiles.Jpeg(i + 3));
            _folder.Write($"dog/{i}", SampleFiles.Png(i + 50));
            _folder.Write($"dog/{i}.JPG", SampleFiles.WebP(i));
            _folder.Write($"dog/{i}.heic", [.. "\0\0\0\u0018ftypheic"u8, (byte)i]);
            _folder.Write($"dog/{i}.ppm", [.. "P6\n2 2\n255\n"u8, (byte)i]);
        }
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal([2, 12], account.Parts[0].Classes.Select(count => count.Count));
        Assert.Equal([(".heic", "HEIC: convert to PNG or JPEG", 3), (".ppm", "PNM: convert to PNG or JPEG", 3),
            (".tif", "TIFF: convert to PNG or JPEG", 3)], account.PassedOver.Select(group => (group.Ending, group.Reason, group.Count)));
        Assert.Equal(14, ImageFolder.List(_folder.Path).Count);
    }

    [Theory]
    [InlineData("empty (0 bytes)", "")]
    [InlineData("an HTML page", "<html>404</html>")]
    [InlineData("text", "Access denied")]
    [InlineData("a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n")]
    [InlineData("a PDF", "%PDF-1.4\n")]
    [InlineData("XML", "<Error><Code>NoSuchKey</Code></Error>")]
    [InlineData("of an unknown format", "\u0001\u0002")]
    public void A_file_that_cannot_be_an_image_is_named_with_the_true_reason(string reason, string content)
    {
        SampleFiles.Images(_folder, "cat", 3);
        SampleFiles.Images(_folder, "dog", 3);
        var broken = _folder.Write("dog/broken.jpg", Encoding.Latin1.GetBytes(content));
        foreach (var decode in (bool[])[false, true])
        {
            var account = DataAccount.Of(_folder.Path, new() { Decode = decode });
            var file = Assert.Single(account.Unreadable);
            Assert.Equal(broken, file.Path);
            Assert.Contains(reason, file.Reason, StringComparison.Ordinal);
            Assert.Equal(7, account.Samples);
        }
        // The trainer's policy decides what becomes of it.
        Assert.Equal(7, ImageFolder.List(_folder.Path).Count);
    }

    [Fact]
    public void Zeros_and_a_cut_image_are_found()
    {
        SampleFiles.Images(_folder, "cat", 2);
        SampleFiles.Images(_folder, "dog", 2);
        _folder.Write("cat/zeros.png", new byte[5000]);
        var jpeg = SampleFiles.Jpeg(40);
        _folder.Write("dog/cut.jpg", jpeg[..^(jpeg.Length / 8)]);
        _folder.Write("dog/cut-in-header.jpg", jpeg[..40]);
        Assert.Contains("zeros", Assert.Single(DataAccount.Of(_folder.Path).Unreadable).Reason, StringComparison.Ordinal);
        var decoded = DataAccount.Of(_folder.Path, new() { Decode = true });
        Assert.Equal(3, decoded.Unreadable.Count);
        Assert.All(decoded.Unreadable.Skip(1), file => Assert.Contains("cut short", file.Reason, StringComparison.Ordinal));
        Assert.Equal(new SizeCount("8 x 8", 4), Assert.Single(decoded.Sizes));
    }

    [LinuxFact("links that any user may make")]
    public void A_broken_link_and_a_pipe_are_named_and_nothing_waits()
    {
        SampleFiles.Images(_folder, "cat", 2);
        SampleFiles.Images(_folder, "dog", 2);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "cat", "gone.png"), "/nowhere/1.png");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "cat", "loop.png"), Path.Combine(_folder.Path, "cat", "loop.png"));
        using (var made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder.Path, "dog", "pipe.png")]))
        {
            made.WaitForExit();
        }
        var unreadable = DataAccount.Of(_folder.Path, new() { Decode = true }).Unreadable;
        Assert.Equal(["gone.png", "loop.png", "pipe.png"], unreadable.Select(file => Path.GetFileName(file.Path)));
        Assert.Contains("a broken link to /nowhere/1.png", unreadable[0].Reason, StringComparison.Ordinal);
        Assert.Contains("empty", unreadable[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_recording_does_not_end_the_account()
    {
        SampleFiles.Recordings(_folder, "left", 4);
        SampleFiles.Recordings(_folder, "right", 4);
        _folder.Write("left/8.csv", SampleFiles.Text("t,x,y,p\n1,2,3,1\n5,4\n"));
        _folder.Write("left/9.csv", SampleFiles.Text("t,x,y,p\n"));
        _folder.Write("right/8.csv", SampleFiles.Text("<html>404</html>"));
        _folder.Write("right/9.csv", []);
        _folder.Write("right/notes.md", SampleFiles.Text("notes"));
        var account = DataAccount.Of(_folder.Path, new() { Decode = true });
        Assert.Equal((12, 8), (account.Samples, account.Recordings.Count));
        Assert.Equal(["8.csv", "9.csv", "8.csv", "9.csv"], account.Unreadable.Select(file => Path.GetFileName(file.Path)));
        Assert.Contains("line 3", account.Unreadable[0].Reason, StringComparison.Ordinal);
        Assert.Contains("no events", account.Unreadable[1].Reason, StringComparison.Ordinal);
        Assert.Contains("an HTML page", account.Unreadable[2].Reason, StringComparison.Ordinal);
        Assert.Contains("empty", account.Unreadable[3].Reason, StringComparison.Ordinal);
        Assert.Equal(".md", Assert.Single(account.PassedOver).Ending);
        Assert.Equal(new SensorSize(16, 16), account.Recordings[0].Sensor);
        Assert.Equal(3900, account.Recordings[0].Duration.TotalMicroseconds);
    }

    [Fact]
    public void A_slice_past_the_end_of_its_recording_cannot_be_read()
    {
        SampleFiles.Recordings(_folder, "r", 2);
        var list = _folder.Write("list.csv", SampleFiles.Text(
            "path,label,start,end\nr/0.csv,x,0,2000\nr/0.csv,y,2000,\nr/1.csv,y,500000,900000\n"));
        var account = DataAccount.Of(list, new() { Decode = true });
        Assert.Equal(SampleKind.Recordings, account.Kind);
        Assert.Equal((3, 2), (account.Samples, account.Recordings.Count));
        Assert.Equal([20L, 20L], account.Recordings.Select(recording => recording.Events));
        Assert.Contains("the slice from 500000 to 900000 µs has no events; the recording lasts from 0 to 3900 µs",
            Assert.Single(account.Unreadable).Reason, StringComparison.Ordinal);
        Assert.Empty(account.Duplicates);
    }

    [Fact]
    public void A_listed_file_of_the_other_kind_cannot_be_read()
    {
        SampleFiles.Images(_folder, "i", 8);
        SampleFiles.Recordings(_folder, "r", 1);
        var list = _folder.Write("list.csv", SampleFiles.Text(
            $"path,label\n{string.Concat(Enumerable.Range(0, 8).Select(i => $"i/{i}.png,{i % 2}\n"))}r/0.csv,1\n"));
        var account = DataAccount.Of(list);
        Assert.Equal(SampleKind.Images, account.Kind);
        Assert.Contains("it is a recording (text), not an image", Assert.Single(account.Unreadable).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicates_are_found_by_content()
    {
        foreach (var part in (string[])["train", "test"])
        {
            SampleFiles.Images(_folder, $"{part}/cat", 4);
            SampleFiles.Images(_folder, $"{part}/dog", 4);
        }
        _folder.Write("test/cat/copy.jpg", File.ReadAllBytes(Path.Combine(_folder.Path, "train", "cat", "0.png")));
        _folder.Write("train/dog/copy.png", File.ReadAllBytes(Path.Combine(_folder.Path, "train", "cat", "1.png")));
        _folder.Write("train/dog/again.png", File.ReadAllBytes(Path.Combine(_folder.Path, "train", "dog", "2.png")));
        // As long as another and alike at its beginning, but different.
        var big = new byte[9000];
        Encoding.ASCII.GetBytes("GIF89a").CopyTo(big, 0);
        _folder.Write("train/cat/big.gif", big);
        big[^1] = 1;
        _folder.Write("test/dog/big.gif", big);
        var account = DataAccount.Of(_folder.Path);
        Assert.Equal([DuplicateKind.AcrossClasses, DuplicateKind.AcrossParts, DuplicateKind.WithinClass],
            account.Duplicates.Select(files => files.Kind).OrderBy(kind => $"{kind}", StringComparer.Ordinal));
        Assert.Equal(["0.png", "copy.jpg"], account.Duplicates.Single(files => files.Kind == DuplicateKind.AcrossParts).Paths
            .Select(path => Path.GetFileName(path)));
        Assert.Equal(3, account.Problems.Count(problem => problem.Kind == DataProblemKind.Duplicates));
    }

    [Fact]
    public void Small_classes_are_a_warning()
    {
        SampleFiles.Images(_folder, "cat", 12);
        SampleFiles.Images(_folder, "dog", 9);
        SampleFiles.Images(_folder, "fox", 1);
        var problem = Assert.Single(DataAccount.Of(_folder.Path).Problems);
        Assert.Equal((DataProblemKind.FewSamples, false), (problem.Kind, problem.IsFatal));
        Assert.Contains("2 of 3 classes have fewer than 10 samples (dog 9, fox 1)", problem.Message, StringComparison.Ordinal);
        Assert.Contains("1 of them has only one, which cannot be held out", problem.Message, StringComparison.Ordinal);
    }

    [LinuxFact("names that differ only in case")]
    public void Classes_that_differ_only_in_case_or_composition_are_a_warning()
    {
        foreach (var name in (string[])["Cat", "cat", "Kräne", "Kra\u0308ne"])
        {
            SampleFiles.Images(_folder, name, 10);
        }
        Assert.Contains("'Cat' and 'cat'", Assert.Single(DataAccount.Of(_folder.Path).Problems,
            problem => problem.Kind == DataProblemKind.SimilarClasses).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_can_be_canceled_and_reports_its_progress()
    {
        SampleFiles.Images(_folder, "cat", 2);
        SampleFiles.Images(_folder, "dog", 2);
        var progress = new Last();
        _ = DataAccount.Of(_folder.Path, new() { Progress = progress });
        Assert.Equal((4, 4), progress.Most);
        Assert.Throws<OperationCanceledException>(() => DataAccount.Of(_folder.Path, new() { CancellationToken = new(canceled: true) }));
        Assert.Throws<FileNotFoundException>(() => DataAccount.Of(Path.Combine(_folder.Path, "none")));
    }

    [Fact]
    public void Files_without_classes_are_found_below_any_folder()
    {
        SampleFiles.Images(_folder, "a/b/c", 2);
        SampleFiles.Images(_folder, "a", 1);
        _folder.Write("a/.hidden/1.png", SampleFiles.Png(1));
        _folder.Write("a/notes.txt", SampleFiles.Text("notes"));
        _folder.Write("a/cut.jpg", []);
        var (files, passed) = UnlabeledFolder.Of(_folder.Path, SampleKind.Images);
        Assert.Equal(["0.png", "cut.jpg", "0.png", "1.png"], files.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal("1 .txt (text)", passed);
    }

    private static DataProblem Fatal(DataAccount account) => account.Problems.First(problem => problem.IsFatal);

    private sealed class Last : IProgress<(long Done, long Total)>
    {
        private readonly Lock _lock = new();

        public (long Done, long Total) Most { get; private set; }

        public void Report((long Done, long Total) value)
        {
            lock (_lock)
            {
                Most = value.Done > Most.Done ? value : Most;
            }
        }
    }
}
