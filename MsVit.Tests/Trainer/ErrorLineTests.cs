using MsVit.Tests.Support;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

public sealed class ErrorLineTests
{
    [Fact]
    public void A_native_library_that_does_not_load_is_one_line_for_the_user()
    {
        var error = new TypeInitializationException("TorchSharp.torch", new NotSupportedException("no library\r\n   here"));
        Assert.True(ErrorLine.IsForTheUser(error));
        Assert.Equal("no library here", ErrorLine.Of(error));
    }

    [Fact]
    public void An_error_of_torch_without_a_text_says_so()
    {
        Assert.True(ErrorLine.IsForTheUser(NativeErrors.WithoutText()));
        Assert.Equal("Torch reported an error without a text.", ErrorLine.Of(NativeErrors.WithoutText()));
        Assert.Equal("sizes differ", ErrorLine.Of(NativeErrors.WithText("sizes differ\nException raised from add at x.cpp:1")));
    }

    [Fact]
    public void A_fault_of_ours_is_not_for_the_user() => Assert.False(
        ErrorLine.IsForTheUser(new AggregateException(new KeyNotFoundException())));
}
