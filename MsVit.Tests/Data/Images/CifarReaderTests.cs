using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Images;

public sealed class CifarReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_record_of_CIFAR_10_is_a_label_and_three_planes()
    {
        var reader = new CifarReader(_folder.Write("a.bin", [.. Record(3, 7), .. Record(9, 8)]), CifarSet.Cifar10);
        var planar = new byte[3072];
        reader.ReadPixels(1, planar);
        Assert.Equal(2, reader.Count);
        Assert.Equal([3, 9], [reader.Label(0), reader.Label(1)]);
        Assert.Equal(Record(9, 8)[1..], planar);
    }

    [Fact]
    public void A_record_of_CIFAR_100_begins_with_the_coarse_label()
    {
        var reader = new CifarReader(_folder.Write("a.bin", [19, .. Record(99, 7)]), CifarSet.Cifar100);
        var planar = new byte[3072];
        reader.ReadPixels(0, planar);
        Assert.Equal((99, 19), (reader.Label(0), reader.CoarseLabel(0)));
        Assert.Equal(Record(99, 7)[1..], planar);
    }

    [Theory]
    [InlineData(0, "0 bytes are over after record 0")]
    [InlineData(3072, "3072 bytes are over after record 0")]
    [InlineData(6147, "1 bytes are over after record 2")]
    public void A_file_that_is_not_made_of_whole_records_is_refused_with_its_length(int length, string where)
    {
        var path = _folder.Write("a.bin", new byte[length]);
        var error = Assert.Throws<InvalidDataException>(() => new CifarReader(path, CifarSet.Cifar10));
        Assert.Contains($"{path}: the file has {length} bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_out_of_range_is_refused_with_its_record_and_byte()
    {
        var ten = _folder.Write("10.bin", [.. Record(0, 0), .. Record(10, 0)]);
        var error = Assert.Throws<InvalidDataException>(() => new CifarReader(ten, CifarSet.Cifar10));
        Assert.Contains($"{ten}, record 1, byte 3073: the label is 10; CIFAR-10 has 0 to 9", error.Message, StringComparison.Ordinal);

        var hundred = _folder.Write("100.bin", [20, .. Record(5, 0)]);
        error = Assert.Throws<InvalidDataException>(() => new CifarReader(hundred, CifarSet.Cifar100));
        Assert.Contains("record 0, byte 0: the coarse label is 20; CIFAR-100 has 0 to 19", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var path = Path.Combine(_folder.Path, "none.bin");
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => new CifarReader(path, CifarSet.Cifar10)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_shrinks_while_in_use_is_noticed()
    {
        var path = _folder.Write("a.bin", [.. Record(0, 0), .. Record(1, 1)]);
        var reader = new CifarReader(path, CifarSet.Cifar10);
        File.WriteAllBytes(path, Record(0, 0));
        Assert.Contains("record 1: the file ends at byte 3074",
            Assert.Throws<InvalidDataException>(() => reader.ReadPixels(1, new byte[3072])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.ReadPixels(2, new byte[3072]));
    }

    [NeedsSharedFact("data/cifar10/sample_train_1000.bin", "data/cifar10/sample_test_200.bin", "data/cifar10/batches.meta.txt")]
    public void The_real_CIFAR_10_samples_have_about_as_many_of_each_class()
    {
        var reader = new CifarReader(RepositoryRoot.Shared("data/cifar10/sample_train_1000.bin"), CifarSet.Cifar10);
        var counts = Enumerable.Range(0, reader.Count).CountBy(reader.Label).ToDictionary();
        Assert.Equal(1000, reader.Count);
        Assert.All(Enumerable.Range(0, 10), label => Assert.InRange(counts[label], 70, 130));
        Assert.Equal(200, new CifarReader(RepositoryRoot.Shared("data/cifar10/sample_test_200.bin"), CifarSet.Cifar10).Count);
        var names = File.ReadLines(RepositoryRoot.Shared("data/cifar10/batches.meta.txt")).Where(line => line.Length > 0);
        Assert.Equal(names, CifarSet.Cifar10.ClassNames);
    }

    [NeedsSharedFact("data/cifar100/sample_test_100.bin", "data/cifar100/fine_label_names.txt", "data/cifar100/coarse_label_names.txt")]
    public void The_names_of_CIFAR_100_are_those_of_its_files()
    {
        Assert.Equal(File.ReadLines(RepositoryRoot.Shared("data/cifar100/fine_label_names.txt")).Where(line => line.Length > 0),
            CifarSet.Cifar100.ClassNames);
        Assert.Equal(File.ReadLines(RepositoryRoot.Shared("data/cifar100/coarse_label_names.txt")).Where(line => line.Length > 0),
            CifarSet.Cifar100.CoarseNames);
        Assert.Equal(100, new CifarReader(RepositoryRoot.Shared("data/cifar100/sample_test_100.bin"), CifarSet.Cifar100).Count);
    }

    private static byte[] Record(byte label, int start) => [label, .. Enumerable.Range(start, 3072).Select(value => (byte)value)];
}
