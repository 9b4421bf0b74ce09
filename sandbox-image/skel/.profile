# Login shells: Debian's /etc/profile sets PATH anew, so the directories of this home are put back in front.
export PATH="$HOME/.local/bin:$HOME/.local/share/pnpm/bin:$HOME/.local/share/pnpm:$HOME/.bun/bin:$PATH"

if [ -n "${BASH_VERSION:-}" ] && [ -r "$HOME/.bashrc" ]; then
  . "$HOME/.bashrc"
fi
